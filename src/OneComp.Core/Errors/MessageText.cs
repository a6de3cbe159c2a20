namespace OneComp.Errors;

/// <summary>Makes a message fit for a terminal and a log: names and values out of files are part of it.</summary>
internal static class MessageText
{
    private const int MostCharacters = 16_000;

    /// <summary>The text without secrets, without characters that move a cursor, colour a terminal or turn the order of letters, and cut where it is very long.</summary>
    public static string Clean(string text)
    {
        text = Redaction.Clean(text.Length <= MostCharacters ? text : string.Concat(text.AsSpan(0, MostCharacters), "..."));
        return !text.Any(IsHarmful) ? text : string.Create(text.Length, text, static (clean, source) =>
        {
            for (var i = 0; i < clean.Length; i++)
            {
                clean[i] = IsHarmful(source[i]) ? '?' : source[i];
            }
        });
    }

    // Escapes (ESC and the C1 controls) and the marks that embed, override and isolate directions (Unicode TR9).
    private static bool IsHarmful(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t')) || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
