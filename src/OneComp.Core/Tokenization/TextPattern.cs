using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OneComp.Tokenization;

/// <summary>
/// A regular expression from a tokenizer file, matched by characters rather than by UTF-16 units. The file is not trusted:
/// the time on a text is limited.
/// </summary>
internal sealed class TextPattern
{
    // Common patterns cut about ten million characters a second; this leaves a hundredfold for slow machines.
    private const int CharactersPerSecond = 100_000;

    private readonly Regex _regex;
    private readonly string _file;
    private readonly TimeSpan _patience;

    /// <summary>Makes a pattern.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <param name="file">The file it comes from, for messages.</param>
    /// <param name="patience">Time for one match, and for a text beyond what its length explains.</param>
    /// <exception cref="TokenizerException">It is not a regular expression that .NET understands.</exception>
    public TextPattern(string pattern, string file, TimeSpan patience)
    {
        _file = file;
        _patience = patience;
        try
        {
            _regex = new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, patience);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(TokenizerError.InvalidPattern, file,
                $"'{file}' has the pattern '{pattern}', which is no regular expression of .NET: {e.Message}", e);
        }
    }

    public TextPattern(string pattern, string file) : this(pattern, file, TimeSpan.FromSeconds(10))
    {
    }

    /// <summary>Start and end of the non-empty matches, in order.</summary>
    /// <exception cref="TokenizerException">Matching takes too long.</exception>
    public List<(int Start, int End)> Matches(string text)
    {
        (string units, int[]? starts) = CharacterUnits.Of(text);
        var matches = new List<(int, int)>();
        TimeSpan limit = _patience + TimeSpan.FromSeconds(text.Length / CharactersPerSecond);
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

        return matches;
    }

    private TokenizerException TooSlow(string text, TimeSpan limit, Exception? cause) => new(TokenizerError.PatternTimeout, _file,
        $"'{_file}' has the pattern '{_regex}', which took more than {limit.TotalSeconds:0.##} s on a text of {text.Length} characters. " +
        "Check where the tokenizer comes from, or shorten the text.", cause);
}
