using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OneComp.Records;

/// <summary>Sizes and SHA-256 of a folder's files.</summary>
internal static class FileHashes
{
    /// <summary>Each file but onecomp.json, which holds the result, and run.json: <c>{"config.json": {"bytes": 1, "sha256": "..."}}</c>.</summary>
    public static JsonObject Of(string folder, CancellationToken token)
    {
        var files = new JsonObject();
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path) is var name && name is not (FileNames.Record or FileNames.Report))
            {
                files.Add(name, OfFile(path, token));
            }
        }

        return files;
    }

    /// <summary>What <see cref="Of"/> gives for files of these names and sizes, but for the digits of the hashes.</summary>
    public static JsonObject Placeholder(IEnumerable<KeyValuePair<string, long>> files) => new(files.Select(file =>
        KeyValuePair.Create(file.Key, (JsonNode?)new JsonObject { ["bytes"] = file.Value, ["sha256"] = new string('0', 2 * SHA256.HashSizeInBytes) })));

    /// <summary>Size and hash of one file.</summary>
    public static JsonObject OfFile(string path, CancellationToken token) => new() { ["bytes"] = new FileInfo(path).Length, ["sha256"] = Sha256(path, token) };

    /// <summary>A file's SHA-256 in lower-case hexadecimal digits.</summary>
    public static string Sha256(string path, CancellationToken token)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = new byte[1 << 20];
        for (long offset = 0; RandomAccess.Read(file, buffer, offset) is > 0 and var count; offset += count)
        {
            token.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
