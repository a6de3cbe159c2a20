using System.Text;

namespace OneComp.Errors;

/// <summary>Makes a message fit for a terminal and a log: names and values out of files are part of it.</summary>
internal static class MessageText
{
    private const int MostCharacters = 16_000;

    /// <summary>The text without characters that move a cursor, colour a terminal or turn the order of letters, and cut where it is very long.</summary>
    public static string Clean(string text)
    {
        if (text.Length <= MostCharacters && !text.Any(IsHarmful))
        {
            return text;
        }

        var clean = new StringBuilder(Math.Min(text.Length, MostCharacters) + 3);
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MostCharacters)))
        {
            clean.Append(IsHarmful(character) ? '?' : character);
        }

        return clean.Append(text.Length > MostCharacters ? "..." : "").ToString();
    }

    // Escapes (ESC and the C1 controls) and the marks that embed, override and isolate directions (Unicode TR9).
    private static bool IsHarmful(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t')) || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
