using System.Buffers;
using System.Globalization;
using System.Text;

namespace OneComp.Tokenization;

/// <summary>
/// Cuts a text at added tokens: the leftmost one wins, and of those that begin at one place the longest.
/// </summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);
    private readonly SearchValues<string> _contents;
    private readonly int[] _lengths;

    /// <summary>Makes a finder.</summary>
    /// <param name="tokens">Tokens; of two with one content the first counts.</param>
    /// <param name="contentOf">What to look for, for a token.</param>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens, Func<AddedToken, string> contentOf)
    {
        foreach (AddedToken token in tokens)
        {
            string content = contentOf(token);
            if (content.Length > 0)
            {
                _tokens.TryAdd(content, token);
            }
        }

        _contents = SearchValues.Create([.. _tokens.Keys], StringComparison.Ordinal);
        _lengths = [.. _tokens.Keys.Select(content => content.Length).Distinct().OrderDescending()];
    }

    /// <summary>Cuts <paramref name="text"/>: each part is a stretch of it, with the token it stands for or null.</summary>
    public IEnumerable<(int Start, int End, AddedToken? Token)> Cut(string text)
    {
        int done = 0; // end of what was handed out
        int from = 0; // where to look on
        while (_tokens.Count > 0 && from < text.Length)
        {
            int offset = text.AsSpan(from).IndexOfAny(_contents);
            if (offset < 0)
            {
                break;
            }

            int start = from + offset;
            (AddedToken token, int length) = LongestAt(text, start);
            int end = from = start + length;
            if (token.SingleWord && (EndsInWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end))))
            {
                continue;
            }

            while (token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.StripRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (start > done)
            {
                yield return (done, start, null);
            }

            yield return (start, end, token);
            done = end;
        }

        if (done < text.Length)
        {
            yield return (done, text.Length, null);
        }
    }

    private (AddedToken Token, int Length) LongestAt(string text, int start)
    {
        var lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (int length in _lengths)
        {
            if (start + length <= text.Length && lookup.TryGetValue(text.AsSpan(start, length), out AddedToken? token))
            {
                return (token, length);
            }
        }

        throw new InvalidOperationException($"no added token at {start}, although one was found there");
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune last, out _) == OperationStatus.Done && IsWord(last);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune first, out _) == OperationStatus.Done && IsWord(first);

    // Word characters by Unicode's technical standard 18: letters, marks, digits, connectors, joiners.
    private static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;
}
