using System.Text.Json;
using OneComp.Untrusted;

namespace OneComp.Hub;

/// <summary>Reads the hub's answer to <c>/api/models/{id}/revision/{revision}?blobs=true</c>.</summary>
internal static class HubListingReader
{
    private const int MostFiles = 100_000;

    /// <summary>Reads the commit, and name, size and hash of each file.</summary>
    /// <exception cref="HubException">It is not JSON, lacks a field, or lists more files than are allowed.</exception>
    public static HubListing Read(byte[] json, HubModelId id)
    {
        try
        {
            using var document = StrictJson.ParseDocument(json);
            var root = document.RootElement;
            var commit = Text(root, "sha");
            if (!IsCommit(commit) || !root.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array)
            {
                throw Invalid(id, "it has no commit ('sha') or no list of files ('siblings')");
            }

            if (siblings.GetArrayLength() > MostFiles)
            {
                throw new HubException(HubError.TooLarge, id.ToString(), $"The hub lists {siblings.GetArrayLength()} files for {id}; at most {MostFiles} are allowed.");
            }

            return new HubListing(commit!.ToLowerInvariant(), [.. siblings.EnumerateArray().Select(file => ReadFile(file, id))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Invalid(id, exception.Message, exception);
        }
    }

    /// <summary>Whether a text is a whole commit: 40 hexadecimal digits.</summary>
    public static bool IsCommit(string? text) => text is { Length: 40 } && text.All(char.IsAsciiHexDigit);

    private static HubFile ReadFile(JsonElement file, HubModelId id)
    {
        var name = Text(file, "rfilename") ?? throw Invalid(id, "a file has no name ('rfilename')");
        var lfs = file.TryGetProperty("lfs", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var isLarge = lfs.ValueKind == JsonValueKind.Object;
        var size = Number(file, "size") ?? (isLarge ? Number(lfs, "size") : null);
        var hash = BlobHash.TryParse(isLarge ? Text(lfs, "sha256") ?? Text(lfs, "oid") : Text(file, "blobId"));
        return size < 0
            ? throw Invalid(id, $"'{HubFileName.Printable(name)}' has {size} bytes")
            : new HubFile(name, size, hash);
    }

    private static string? Text(JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static HubException Invalid(HubModelId id, string why, Exception? cause = null) =>
        new(HubError.AnswerInvalid, id.ToString(), $"The hub's list of files of {id} cannot be read: {why}. Check HF_ENDPOINT.", cause);
}
