using System.Text.Json;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Tokenization.Reading;

/// <summary>Opens files with this area's errors.</summary>
internal static class TokenizerFile
{
    public static byte[] ReadBytes(string path)
    {
        try
        {
            FolderLinks.Require(Path.GetDirectoryName(Path.GetFullPath(path))!, path);
            return BoundedFile.Read(path, TokenizerLimits.MostBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(TokenizerError.FileUnreadable, path, $"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The root of a JSON file, cut loose from its reader.</summary>
    public static JsonField ReadJson(string path)
    {
        try
        {
            using JsonDocument document = StrictJson.ParseDocument(ReadBytes(path));
            return new(document.RootElement.Clone(), "", path);
        }
        catch (JsonException e)
        {
            throw new TokenizerException(TokenizerError.MalformedJson, path,
                $"'{path}' is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {e.Message} " +
                "Download the file again if it was cut short.", e);
        }
    }
}
