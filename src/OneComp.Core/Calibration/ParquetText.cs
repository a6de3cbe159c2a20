using global::Parquet;
using global::Parquet.Schema;
using OneComp.Calibration.Parquet;
using OneComp.Untrusted;

namespace OneComp.Calibration;

/// <summary>A .parquet file: a string column, read one row group at a time.</summary>
internal static class ParquetText
{
    public static IEnumerable<string?> Read(string path, string column, CancellationToken token)
    {
        using var file = SourceFile.Open(path);
        using var stream = new GuardedStream(file, token);
        if (stream.Length == 0)
        {
            yield break; // no documents: the caller's "no text" says more than "not a parquet file"
        }

        var check = Reading(path, () => Task.FromResult(ParquetCheck.Open(file)));
        var reader = Reading(path, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: token));
        try
        {
            var field = RequireColumn(path, Reading(path, () => Task.FromResult(reader.Schema)), column);
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                foreach (var text in Reading(path, () => ReadGroupAsync(check, reader, group, field, token)))
                {
                    yield return text;
                }
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static async Task<string?[]> ReadGroupAsync(ParquetCheck check, ParquetReader reader, int group, DataField field, CancellationToken token)
    {
        check.RequirePages(group, field.Name);
        using var rows = reader.OpenRowGroupReader(group);
        var texts = new string?[rows.RowCount];
        await rows.ReadAsync(field, texts.AsMemory(), cancellationToken: token).ConfigureAwait(false);
        return texts;
    }

    private static DataField RequireColumn(string path, ParquetSchema schema, string column)
    {
        var field = schema.Fields.FirstOrDefault(f => f.Name == column) ?? throw new CalibrationException(
            CalibrationError.MissingColumn,
            path,
            $"'{path}' has no column '{column}'; it has {NameList.Of(schema.Fields.Select(f => f.Name))}. " +
            "Name the column that holds the text (TextColumn).");

        // Parquet.Net tells a string column from a byte-array one by this type.
        if (field is DataField { IsArray: false } data && data.ClrType == typeof(ReadOnlyMemory<char>))
        {
            return data;
        }

        var texts = schema.Fields.OfType<DataField>().Where(f => f.ClrType == typeof(ReadOnlyMemory<char>)).Select(f => f.Name);
        throw new CalibrationException(
            CalibrationError.ColumnNotText,
            path,
            $"Column '{column}' of '{path}' does not hold strings; the string columns are: {NameList.Of(texts)}. " +
            "Name the column that holds the text (TextColumn).");
    }

    private static T Reading<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
        {
            // The library answers a damaged file with whatever its decoder ran into, so no narrower list would hold.
            throw new CalibrationException(
                CalibrationError.CorruptFile, path, $"'{path}' cannot be read as parquet: {fault.Message} Copy or write it again.", fault);
        }
    }
}
