using System.Text;
using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

public sealed class TextSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_txt_file_is_one_document_as_it_stands()
    {
        var path = _folder.WriteText("a.txt", "  one\n\ntwo \r\n");

        Assert.Equal(["  one\n\ntwo \r\n"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public void The_shipped_calibration_text_is_read_whole()
    {
        var path = Path.Combine(Repository.Root, "examples", "data", "calibration.txt");

        Assert.Equal(File.ReadAllText(path), Assert.Single(TextSource.ReadDocuments(path)));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void A_byte_order_mark_says_the_encoding_and_is_no_text(string encoding)
    {
        var path = _folder.File("a.txt");
        File.WriteAllText(path, "Füße 語", Encoding.GetEncoding(encoding));

        Assert.Equal(["Füße 語"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public void Bytes_that_are_not_utf_8_are_refused()
    {
        var path = _folder.File("a.txt");
        File.WriteAllBytes(path, [.. "Stra"u8, 0xDF, .. "e"u8]); // Windows-1252

        var fault = Samples.Fails(CalibrationError.NotUtf8, () => TextSource.ReadDocuments(path).ToList());
        Assert.Contains("Save it as UTF-8", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty.txt", "")]
    [InlineData("blank.txt", " \n\t\n")]
    [InlineData("empty.jsonl", "")]
    [InlineData("blank.jsonl", "\n\n{\"text\":\" \"}\n{\"text\":null}\n")]
    [InlineData("empty.jsonl.gz", "")]
    [InlineData("empty.parquet", "")]
    public void A_file_without_text_is_empty(string name, string content)
    {
        var path = _folder.WriteText(name, content);

        var fault = Samples.Fails(CalibrationError.FileEmpty, () => TextSource.ReadDocuments(path).ToList());
        Assert.Equal(ErrorKind.InvalidData, fault.Kind);
        Assert.Equal(path, fault.Subject);
    }

    [Fact]
    public void A_missing_file_is_reported_before_anything_is_read()
    {
        var fault = Samples.Fails(CalibrationError.FileNotFound, () => TextSource.ReadDocuments(_folder.File("none.txt")));
        Assert.Equal(ErrorKind.NotFound, fault.Kind);
    }

    [Fact]
    public void A_folder_is_no_file() =>
        Samples.Fails(CalibrationError.PathIsFolder, () => TextSource.ReadDocuments(_folder.Path));

    [Fact]
    public void An_unknown_extension_is_answered_with_the_known_ones()
    {
        var path = _folder.WriteText("a.docx", "text");

        var fault = Samples.Fails(CalibrationError.UnknownExtension, () => TextSource.ReadDocuments(path));
        Assert.Contains(
            ".txt, .jsonl, .jsonl.gz and .parquet for text, .safetensors for token ids", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ids.safetensors", true)]
    [InlineData("IDS.SAFETENSORS", true)]
    [InlineData("ids.safetensors.txt", false)]
    [InlineData("text.parquet", false)]
    public void Token_id_files_are_told_by_their_name(string path, bool expected) =>
        Assert.Equal(expected, TextSource.IsTokenIdFile(path));

    [Fact]
    public void Extensions_are_read_in_any_case()
    {
        var path = _folder.WriteText("A.TXT", "text");

        Assert.Equal(["text"], TextSource.ReadDocuments(path));
    }

    [Fact]
    public void Reading_stops_when_cancelled()
    {
        var path = _folder.WriteJsonLines("a.jsonl", "one", "two", "three");
        using var cancel = new CancellationTokenSource();
        var read = new List<string>();

        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var document in TextSource.ReadDocuments(path, token: cancel.Token))
            {
                read.Add(document);
                cancel.Cancel();
            }
        });
        Assert.Equal(["one"], read);
    }
}
