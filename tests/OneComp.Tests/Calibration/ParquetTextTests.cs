using OneComp.Calibration;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

public sealed class ParquetTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_of_all_row_groups_are_documents_in_order()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["one", null, "two"], ["drei ß"]);

        Assert.Equal(["one", "two", "drei ß"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public async Task A_later_row_group_is_not_read_before_it_is_asked_for()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["one"], [new string('x', 1000)]);
        var bytes = File.ReadAllBytes(path);
        var second = bytes.AsSpan().IndexOf("xxxx"u8);
        bytes.AsSpan(Math.Max(4, second - 60), 60).Fill(0xFF); // the second group's page header
        File.WriteAllBytes(path, bytes);

        using var documents = TextSource.ReadDocuments(path).GetEnumerator();
        Assert.True(documents.MoveNext());
        Assert.Equal("one", documents.Current);
        Samples.Fails(CalibrationError.CorruptFile, () => documents.MoveNext());
    }

    [Fact]
    public async Task A_missing_column_is_answered_with_those_present()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["one"]);

        var fault = Samples.Fails(CalibrationError.MissingColumn, () => TextSource.ReadDocuments(path, "content").ToList());
        Assert.Contains("it has 'text', 'number'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_of_numbers_is_answered_with_the_string_columns()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["one"]);

        var fault = Samples.Fails(CalibrationError.ColumnNotText, () => TextSource.ReadDocuments(path, "number").ToList());
        Assert.Contains("the string columns are: 'text'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_parquet_is_corrupt()
    {
        var path = _folder.WriteText("a.parquet", new string('a', 500));

        Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).ToList());
    }

    [Fact]
    public async Task A_truncated_file_is_corrupt()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["one", "two"]);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^30]);

        Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).ToList());
    }
}
