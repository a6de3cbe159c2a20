using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_line_is_a_document_and_blank_ones_are_skipped()
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":\"one\\ntwo\"}\r\n\r\n{\"text\":\"\"}\n{\"id\":3,\"text\":\"drei\\u00df\"}");

        Assert.Equal(["one\ntwo", "dreiß"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public void Another_field_can_hold_the_text()
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":1,\"content\":\"this\"}");

        Assert.Equal(["this"], TextSource.ReadDocuments(path, "content"));
    }

    [Fact]
    public void A_gzip_file_reads_as_the_lines_inside()
    {
        var path = _folder.WriteGzip("a.jsonl.gz", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");

        Assert.Equal(["one", "two"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public void A_file_that_is_not_gzip_is_corrupt()
    {
        var path = _folder.WriteText("a.jsonl.gz", "{\"text\":\"not compressed\"}\n");

        Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).ToList());
    }

    [Theory]
    [InlineData("{\"text\":\"cut")]
    [InlineData("plain words")]
    [InlineData("[\"text\"]")]
    [InlineData("\"text\"")]
    [InlineData("{\"text\":\"\\ud800\"}")]
    public void A_bad_line_is_named_by_its_number(string bad)
    {
        var path = _folder.WriteText("a.jsonl", $"{{\"text\":\"one\"}}\n\n{bad}\n");

        var fault = Samples.Fails(CalibrationError.InvalidJsonLine, () => TextSource.ReadDocuments(path).ToList());
        Assert.StartsWith($"Line 3 of '{path}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_before_a_bad_one_are_read()
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":\"one\"}\nbad\n");

        Assert.Equal("one", TextSource.ReadDocuments(path).First());
    }

    [Fact]
    public void A_missing_field_is_answered_with_those_present()
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":\"one\"}\n{\"id\":1,\"content\":\"two\"}");

        var fault = Samples.Fails(CalibrationError.MissingField, () => TextSource.ReadDocuments(path).ToList());
        Assert.Contains("Line 2", fault.Message, StringComparison.Ordinal);
        Assert.Contains("it has 'id', 'content'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.NotFound, fault.Kind);
    }

    [Fact]
    public void A_field_that_is_no_string_is_refused()
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":[\"one\"]}");

        var fault = Samples.Fails(CalibrationError.FieldNotText, () => TextSource.ReadDocuments(path).ToList());
        Assert.Contains("is an array, not a string", fault.Message, StringComparison.Ordinal);
    }
}
