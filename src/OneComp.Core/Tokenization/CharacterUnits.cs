using System.Globalization;
using System.Text;

namespace OneComp.Tokenization;

/// <summary>
/// .NET's regular expressions see a character beyond U+FFFF as two units of no useful class; tokenizers' patterns mean one
/// character of its general category. So patterns run over a stand-in text where each such character is one unit of
/// the same category.
/// </summary>
internal static class CharacterUnits
{
    // One rarely used character for each UnicodeCategory, in the order of that enum.
    private const string StandIns =
        "\u10A0\u2D00\u1F88\uA015\uA000\u0300\u0903\u20DD\u1810\u3021\u3192\u3000\u2028\u2029\u0080\u2060\uFFFD\uE000" +
        "\u203F\u2E3A\u2045\u2046\u2E02\u2E03\u2E18\u2A00\u20A0\u02C2\u2800\u0378";

    /// <summary>The stand-in for a category.</summary>
    public static char StandIn(UnicodeCategory category) => StandIns[(int)category];

    /// <summary>The text to match, one unit a character.</summary>
    /// <returns>The units, and for each unit and the end its index in <paramref name="text"/>; null where they are the same.</returns>
    public static (string Units, int[]? Starts) Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return (text, null);
        }

        var units = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length);
        int start = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            units.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            starts.Add(start);
            start += rune.Utf16SequenceLength;
        }

        starts.Add(start);
        return (units.ToString(), [.. starts]);
    }
}
