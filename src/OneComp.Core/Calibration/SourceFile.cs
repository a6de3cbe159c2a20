using System.Text;

namespace OneComp.Calibration;

/// <summary>Opening and reading files, with the system's faults told as <see cref="CalibrationException"/>.</summary>
internal static class SourceFile
{
    /// <summary>Fails where the path is no file.</summary>
    public static void RequireExists(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new CalibrationException(
                CalibrationError.PathIsFolder, path, $"'{path}' is a folder. Give one file with text or token ids in it.");
        }

        if (!File.Exists(path))
        {
            throw new CalibrationException(
                CalibrationError.FileNotFound, path, $"There is no file '{path}'. Check the path of the text or token-id file.");
        }
    }

    /// <summary>Opens a file for one pass from start to end.</summary>
    public static FileStream Open(string path) =>
        Reading(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));

    /// <summary>A reader of UTF-8, or of what a byte order mark says, that refuses invalid bytes. It owns the stream.</summary>
    public static StreamReader Text(Stream stream) =>
        new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);

    /// <summary>Runs one reading step.</summary>
    public static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException fault)
        {
            throw new CalibrationException(
                CalibrationError.NotUtf8,
                path,
                $"'{path}' is not UTF-8 text, nor is it marked as UTF-16 or UTF-32 by a byte order mark. Save it as UTF-8.",
                fault);
        }
        catch (InvalidDataException fault)
        {
            throw new CalibrationException(
                CalibrationError.CorruptFile, path, $"'{path}' cannot be read as text or packed text: {fault.Message} Copy it again.", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new CalibrationException(
                CalibrationError.AccessDenied, path, $"'{path}' may not be read: {fault.Message} Ask for read access.", fault);
        }
        catch (IOException fault)
        {
            throw new CalibrationException(CalibrationError.ReadFailed, path, $"Reading '{path}' failed: {fault.Message}", fault);
        }
    }
}
