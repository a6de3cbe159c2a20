namespace OneComp.Calibration;

/// <summary>Windows cut one after the other from all documents joined: concat_chunk and concat_chunk_align.</summary>
internal static class ConcatWindows
{
    // OneComp's own bound on what is read from a file.
    private const int MaxDocuments = 10_000;

    /// <summary>As many windows as the text gives, at least the number asked for.</summary>
    public static TokenWindows CutAll(IEnumerable<string> documents, CalibrationOptions options, Func<string, int[]> encode)
    {
        using var enumerator = documents.Take(MaxDocuments).GetEnumerator();
        var text = new JoinedText(enumerator);
        text.Fill(JoinedText.MaxChars);
        var ids = encode(text.ToString());
        RequireEnough(ids.Length, text, options);
        return new TokenWindows(ids[..(ids.Length - (ids.Length % options.MaxLength))], options.MaxLength);
    }

    /// <summary>Exactly the number of windows asked for.</summary>
    public static TokenWindows CutFirst(IEnumerable<string> documents, CalibrationOptions options, Func<string, int[]> encode)
    {
        using var enumerator = documents.GetEnumerator();
        var text = new JoinedText(enumerator);
        var ids = TokenPrefix.Encode(text, options.NumSamples * options.MaxLength, encode);
        RequireEnough(ids.Length, text, options);
        return new TokenWindows(ids, options.MaxLength);
    }

    private static void RequireEnough(int tokens, JoinedText text, CalibrationOptions options)
    {
        var needed = options.NumSamples * options.MaxLength;
        if (tokens >= needed)
        {
            return;
        }

        var windows = tokens / options.MaxLength;
        var advice = windows > 0 ? $"lower NumSamples to {windows} or less, or lower MaxLength" : $"lower MaxLength to {tokens} or less";
        throw new CalibrationException(
            CalibrationError.TooLittleText,
            options.Path,
            $"'{options.Path}' gives {tokens} tokens ({text.Documents} {(text.Documents == 1 ? "document" : "documents")}); " +
            $"{options.NumSamples} windows of {options.MaxLength} tokens need {needed}. Give more text, or {advice}.");
    }
}
