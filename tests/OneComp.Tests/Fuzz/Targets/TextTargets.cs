using System.Text;
using OneComp.Calibration;
using OneComp.Tests.Fuzz.Mutation;
using Parquet;
using Parquet.Schema;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>Calibration data: parquet, JSON lines, packed ones, plain text, token ids.</summary>
internal static class TextTargets
{
    private const string Lines = """
        {"id":1,"text":"one document"}
        {"id":2,"text":null}

        {"id":3,"text":"another \u00e9 \ud83d\ude00"}
        """;

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return new FuzzTarget("parquet", [.. new[] { CompressionMethod.None, CompressionMethod.Snappy, CompressionMethod.Gzip, CompressionMethod.Zstd, CompressionMethod.LZ4 }.Select(Parquet)], ByteMutations.Any, input => Read(scratch.Write("text.parquet", input)));
        yield return new FuzzTarget("jsonl", [Encoding.UTF8.GetBytes(Lines)], TextMutations.Any, input => Read(scratch.Write("text.jsonl", input)));
        yield return new FuzzTarget("jsonl-gz", [ZipMutations.Pack(Encoding.UTF8.GetBytes(Lines))], (random, input) => ZipMutations.GZip(random, input, TextMutations.Any), input => Read(scratch.Write("text.jsonl.gz", input)));
        yield return new FuzzTarget("text", [Encoding.UTF8.GetBytes("plain text, é 😀\nof two lines"), [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("wide text")]], TextMutations.Any, input => Read(scratch.Write("text.txt", input)));
        yield return new FuzzTarget("token-ids", [SafetensorsTargets.Small(scratch)], SafetensorsMutations.Any, input => TokenIdFile.Read(scratch.Write("ids.safetensors", input)));
    }

    private static void Read(string path) => _ = TextSource.ReadDocuments(path).Sum(document => document.Length);

    private static byte[] Parquet(CompressionMethod method)
    {
        using var bytes = new MemoryStream();
        WriteAsync(bytes, method).GetAwaiter().GetResult();
        return bytes.ToArray();
    }

    private static async Task WriteAsync(Stream stream, CompressionMethod method)
    {
        var (text, number) = (new DataField<string>("text"), new DataField<int>("number"));
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, number), stream, new ParquetOptions { CompressionMethod = method });
        foreach (var group in (string?[][])[["one", null, "two two two two"], ["three"]])
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, group);
            await rows.WriteAsync<int>(number, Enumerable.Range(0, group.Length).ToArray());
        }
    }
}
