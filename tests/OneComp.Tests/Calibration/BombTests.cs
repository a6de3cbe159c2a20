using System.IO.Compression;
using OneComp.Calibration;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

/// <summary>Small files that are made to become large.</summary>
public sealed class BombTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData('\n')]
    [InlineData('a')]
    public void A_packed_file_that_unpacks_to_a_thousandfold_is_refused(char filler)
    {
        var path = _folder.File("bomb.jsonl.gz");
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Optimal))
        {
            var piece = new byte[1 << 20];
            Array.Fill(piece, (byte)filler);
            for (var i = 0; i < 200; i++)
            {
                packed.Write(piece);
            }
        }

        Assert.InRange(new FileInfo(path).Length, 1, 2 << 20);
        Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).Count());
    }

    [Fact]
    public void Text_that_repeats_itself_is_read()
    {
        var path = _folder.WriteGzip("same.jsonl.gz", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{\"text\":\"number {i} of one sentence after the other\"}}\n")));
        Assert.Equal(20_000, TextSource.ReadDocuments(path).Count());
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        var path = _folder.File("line.jsonl");
        using (var writer = new StreamWriter(path))
        {
            var piece = new string('x', 1 << 20);
            for (var i = 0; i < 65; i++)
            {
                writer.Write(piece);
            }
        }

        var error = Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).Count());
        Assert.Contains("67108864 characters", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb\r\nc\rd", 4)]
    [InlineData("\n\n", 0)]
    [InlineData("a\r", 1)]
    public void Lines_end_as_they_do_everywhere(string text, int documents)
    {
        var lines = new LineReader(new StreamReader(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))));
        var read = new List<string>();
        while (lines.Read(10) is { } line)
        {
            read.Add(line);
        }

        Assert.Equal(documents, read.Count(line => line.Length > 0));
        using var reader = new StringReader(text);
        foreach (var line in read)
        {
            Assert.Equal(reader.ReadLine(), line);
        }

        Assert.Null(reader.ReadLine());
    }
}
