namespace OneComp.Calibration;

/// <summary>
/// Text for calibration and evaluation, one document at a time:
/// <list type="bullet">
/// <item><c>.txt</c>: the whole file is one document.</item>
/// <item><c>.jsonl</c>, <c>.jsonl.gz</c>: one JSON object a line (jsonlines.org); a string field is the document.
/// Blank lines are skipped.</item>
/// <item><c>.parquet</c>: a string column; each row is a document. One row group's column is in memory at a time.</item>
/// </list>
/// Text is UTF-8, or UTF-16 or UTF-32 with a byte order mark. Documents that are null or only white space are skipped.
/// </summary>
public static class TextSource
{
    /// <summary>The name of the text field or column where none is given.</summary>
    public const string DefaultTextColumn = "text";

    private const string KnownExtensions = ".txt, .jsonl, .jsonl.gz and .parquet for text, .safetensors for token ids";

    /// <summary>Opens the file's documents. A missing file and an unknown extension are reported at once, the rest while reading.</summary>
    /// <param name="path">A .txt, .jsonl, .jsonl.gz or .parquet file.</param>
    /// <param name="textColumn">The JSON field or parquet column with the text; exact, case counts. Not used for .txt.</param>
    /// <param name="token">Cancels between documents.</param>
    /// <returns>The documents in file order, at least one, read as they are asked for and as they stand (not trimmed).</returns>
    /// <exception cref="CalibrationException">The file is missing, empty, of unknown extension, or breaks its format.</exception>
    public static IEnumerable<string> ReadDocuments(
        string path, string textColumn = DefaultTextColumn, CancellationToken token = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(textColumn);
        SourceFile.RequireExists(path);
        return NonBlank(path, ReaderFor(path, textColumn, token), token);
    }

    /// <summary>Whether the file holds token ids (<c>.safetensors</c>) rather than text; only the name is looked at.</summary>
    /// <param name="path">A path.</param>
    public static bool IsTokenIdFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return HasExtension(path, ".safetensors");
    }

    private static IEnumerable<string?> ReaderFor(string path, string textColumn, CancellationToken token)
    {
        if (HasExtension(path, ".txt"))
        {
            return PlainText.Read(path);
        }

        if (HasExtension(path, ".jsonl") || HasExtension(path, ".jsonl.gz"))
        {
            return JsonLines.Read(path, textColumn, token);
        }

        if (HasExtension(path, ".parquet"))
        {
            return ParquetText.Read(path, textColumn, token);
        }

        throw new CalibrationException(
            CalibrationError.UnknownExtension,
            path,
            $"'{path}' cannot be read as text: its name ends in none of the known extensions ({KnownExtensions}). " +
            "Convert it to one of them, or rename it if it is one.");
    }

    private static IEnumerable<string> NonBlank(string path, IEnumerable<string?> documents, CancellationToken token)
    {
        var any = false;
        foreach (var document in documents)
        {
            token.ThrowIfCancellationRequested();
            if (!string.IsNullOrWhiteSpace(document))
            {
                any = true;
                yield return document;
            }
        }

        if (!any)
        {
            throw new CalibrationException(
                CalibrationError.FileEmpty, path, $"'{path}' has no text in it. Give a file with at least one document that is not blank.");
        }
    }

    private static bool HasExtension(string path, string extension) =>
        path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
