using System.Diagnostics;
using System.Text.RegularExpressions;
using OneComp.Safetensors;
using OneComp.Tokenization.Reading;

namespace OneComp.Tokenization;

/// <summary>
/// A regular expression from a tokenizer file, matched by characters rather than by UTF-16 units. The file is not trusted:
/// the time on a text is limited.
/// </summary>
internal sealed class TextPattern
{
    private readonly Regex _regex;
    private readonly bool _isLiteral;
    private readonly string _file;
    private readonly TimeSpan _patience;

    private TextPattern(Regex regex, bool isLiteral, string file, TimeSpan patience)
    {
        _regex = regex;
        _isLiteral = isLiteral;
        _file = file;
        _patience = patience;
    }

    /// <summary>Matches a string as it stands.</summary>
    public static TextPattern Literal(string text, string file) =>
        new(new(Regex.Escape(text), RegexOptions.CultureInvariant), isLiteral: true, file, MatchTime.Patience);

    /// <summary>Reads a regular expression.</summary>
    /// <param name="pattern">The expression, in the dialect of tokenizers (Oniguruma).</param>
    /// <param name="file">The file it comes from, for messages.</param>
    /// <param name="patience">Time for one match, and for a text beyond what its length explains; 1.5 s if null.</param>
    /// <exception cref="TokenizerException">It is not a regular expression that .NET understands in the same way.</exception>
    public static TextPattern Parse(string pattern, string file, TimeSpan? patience = null)
    {
        if (pattern.Length > TokenizerLimits.LongestPattern)
        {
            throw new TokenizerException(TokenizerError.InvalidPattern, file,
                $"'{file}' has a pattern of {pattern.Length} characters; {TokenizerLimits.LongestPattern} are handled.");
        }

        if (pattern.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            throw new TokenizerException(TokenizerError.UnsupportedSetting, file,
                $"'{file}' has the pattern {Quoted.Text(pattern)}; patterns that name characters beyond U+FFFF are not handled.");
        }

        TimeSpan limit = patience ?? MatchTime.Patience;
        try
        {
            // In Oniguruma ^ and $ always are the ends of a line.
            const RegexOptions Options = RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.Compiled;
            return new(new(pattern, Options, limit), isLiteral: false, file, limit);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(TokenizerError.InvalidPattern, file,
                $"'{file}' has the pattern {Quoted.Text(pattern)}, which is no regular expression of .NET: {e.Message}", e);
        }
    }

    /// <summary>Start and end of the non-empty matches, in order.</summary>
    /// <exception cref="TokenizerException">Matching takes too long.</exception>
    public List<(int Start, int End)> Matches(string text)
    {
        (string units, int[]? starts) = _isLiteral ? (text, null) : CharacterUnits.Of(text);
        var matches = new List<(int, int)>();
        TimeSpan limit = MatchTime.For(text.Length, _patience);
        limit = MatchTime.Remaining is { } left && left < limit ? left : limit;
        long begun = Stopwatch.GetTimestamp();
        try
        {
            foreach (ValueMatch match in _regex.EnumerateMatches(units))
            {
                if (match.Length > 0)
                {
                    int end = match.Index + match.Length;
                    matches.Add(starts is null ? (match.Index, end) : (starts[match.Index], starts[end]));
                }

                if (Stopwatch.GetElapsedTime(begun) > limit)
                {
                    throw TooSlow(text, limit, null);
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(text, _patience, e);
        }

        MatchTime.Spend(Stopwatch.GetElapsedTime(begun));
        return matches;
    }

    private TokenizerException TooSlow(string text, TimeSpan limit, Exception? cause) => new(TokenizerError.PatternTimeout, _file,
        $"'{_file}' has the pattern {Quoted.Text(_regex.ToString())}, which took too long on a text of {text.Length} characters (over {Math.Max(0, limit.TotalSeconds):0.##} s). " +
        $" Check where the tokenizer comes from, or shorten the text.", cause);
}
