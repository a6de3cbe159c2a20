using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Reports;

namespace OneComp.Quantization.Settings;

/// <summary>Files of settings, one quantizer each: which forms there are, their size and how they are written.</summary>
public static class QuantizerFile
{
    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True for .psd1, false for .json.</summary>
    /// <exception cref="QuantizerSettingsException">UnknownExtension.</exception>
    public static bool IsDataFile(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PSD1" => true,
        ".JSON" => false,
        var other => throw new QuantizerSettingsException(QuantizerSettingsError.UnknownExtension, path, $"'{path}' ends in '{other.ToLowerInvariant()}'; settings are kept as .json or .psd1."),
    };

    /// <summary>The bytes of a file, which may come from anywhere.</summary>
    /// <exception cref="QuantizerSettingsException">FileTooLarge.</exception>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (file.Length > MaxBytes)
        {
            throw new QuantizerSettingsException(QuantizerSettingsError.FileTooLarge, path, $"'{path}' has {file.Length} bytes; settings take {MaxBytes} at most.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The text of a JSON file.</summary>
    public static string ToText(JsonObject settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.ToJsonString(Indented) + "\n";
    }

    /// <summary>Writes a text, whole or not at all.</summary>
    /// <exception cref="ReportException">A file is there and force is off, or it cannot be written.</exception>
    public static void Write(string path, string text, bool force) => ReportFile.Write(path, force, temporary => File.WriteAllText(temporary, text));

    /// <summary>Says early whether the file can be written.</summary>
    /// <exception cref="ReportException">As <see cref="Write"/>.</exception>
    public static void CheckDestination(string path, bool force) => ReportFile.CheckDestination(path, force);

    /// <summary>The error for a text that is no data.</summary>
    public static QuantizerSettingsException NotData(string path, string what) => new(QuantizerSettingsError.NotData, path, $"'{path}' is no data file: {what}.");

    /// <summary>The error for several quantizers and one file.</summary>
    public static QuantizerSettingsException Several(string path, int count) => new(QuantizerSettingsError.Several, path, $"{count} quantizers came for '{path}', which holds one. Candidates go together as an AutoBit quantizer (New-AutoBitQuantizer).");
}
