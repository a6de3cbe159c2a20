using System.Globalization;

namespace OneComp.Untrusted;

/// <summary>Reads files of others whole, as far as they are of a size that they can have.</summary>
internal static class BoundedFile
{
    /// <summary>The most of a settings file: config.json, onecomp.json, tokenizer_config.json and the like.</summary>
    public const long SettingsBytes = 64L << 20;

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">Bytes that it may have.</param>
    /// <exception cref="IOException">It is larger, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, long mostBytes = SettingsBytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        var length = file.Length;
        if (length > mostBytes)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it has {length} bytes; at most {mostBytes} are read."));
        }

        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
