namespace OneComp.Calibration;

/// <summary>A .txt file: one document.</summary>
internal static class PlainText
{
    // No character takes less than a byte, so what passes fits in one string.
    private const long MaxBytes = JoinedText.MaxChars;

    public static IEnumerable<string> Read(string path)
    {
        using var stream = SourceFile.Open(path);
        if (stream.Length > MaxBytes)
        {
            throw new CalibrationException(
                CalibrationError.TextFileTooLarge,
                path,
                $"'{path}' has {stream.Length} bytes; a .txt file is one document of at most {MaxBytes} bytes. " +
                "Split it, or write it as .jsonl with one document a line, which may be of any size.");
        }

        using var reader = SourceFile.Text(stream);
        yield return SourceFile.Reading(path, reader.ReadToEnd);
    }
}
