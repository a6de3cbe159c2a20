using System.Text.Json;
using System.Text.Unicode;
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
            // A byte order mark is no JSON, but Windows editors write one. Half surrogate pairs are JsonField's to name.
            ReadOnlyMemory<byte> bytes = ReadBytes(path);
            if (!Utf8.IsValid(bytes.Span))
            {
                throw new JsonException("It is not UTF-8.");
            }

            using JsonDocument document = JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
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
