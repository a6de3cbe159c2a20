using System.Globalization;
using System.Text.Json;

namespace OneComp.Tokenization.Reading;

/// <summary>What a tokenizer may be made of: far beyond any there is, and little enough that no file grows out of hand when it is used.</summary>
internal static class TokenizerLimits
{
    /// <summary>Ids from 0.</summary>
    public const int MostIds = 1 << 24;

    /// <summary>Tokens that are found in the text itself.</summary>
    public const int MostAddedTokens = 1 << 16;

    /// <summary>Characters of such a token.</summary>
    public const int LongestAddedToken = 1 << 12;

    /// <summary>Characters that a step puts in place of others, or before a text.</summary>
    public const int LongestInsertion = 32;

    /// <summary>Characters of a pattern; the longest known has under 500.</summary>
    public const int LongestPattern = 1 << 12;

    /// <summary>Ids around a text.</summary>
    public const int MostTemplateIds = 1 << 10;

    /// <summary>Bytes of the file.</summary>
    public const long MostBytes = 1L << 30;

    private const int MostSteps = 64;
    private const int MostParts = 4096;
    private const int MostGrowth = 20; // the one character that grows most by NFKD becomes 18
    private const int FreeGrowth = 1000;

    /// <summary>Refuses a normalizer or pre-tokenizer of more steps than any has.</summary>
    /// <exception cref="TokenizerException">UnsupportedSetting.</exception>
    public static void RequireFewSteps(JsonField? field)
    {
        RequireFew(field, MostSteps * 2, $"{MostSteps} steps"); // a step, and its pattern
    }

    /// <summary>Refuses a post-processor of more parts than any has: its templates name each special token, and each place of one.</summary>
    /// <exception cref="TokenizerException">UnsupportedSetting.</exception>
    public static void RequireFewParts(JsonField? field) => RequireFew(field, MostParts, $"{MostParts} parts");

    private static void RequireFew(JsonField? field, int most, string what)
    {
        if (field is { } steps && Objects(steps.Value) > most)
        {
            throw steps.Error(TokenizerError.UnsupportedSetting, $"has over {what}");
        }
    }

    /// <summary>Refuses a text that a step puts in, where it is long.</summary>
    /// <exception cref="TokenizerException">UnsupportedSetting.</exception>
    public static string Insertion(JsonField field)
    {
        var text = field.Text();
        return text.Length <= LongestInsertion ? text : throw field.Error(TokenizerError.UnsupportedSetting, $"has {text.Length} characters; {LongestInsertion} are handled");
    }

    /// <summary>Stops steps that make ever more text of a text, as a file can be made to do.</summary>
    /// <exception cref="TokenizerException">TextGrows.</exception>
    public static void RequireGrowth(long before, long after, string file)
    {
        if (after > (before * MostGrowth) + FreeGrowth)
        {
            throw new TokenizerException(TokenizerError.TextGrows, file, string.Create(CultureInfo.InvariantCulture,
                $"'{file}' makes {after} characters of a text of {before}; no tokenizer needs that. Check where it comes from."));
        }
    }

    private static int Objects(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => 1 + element.EnumerateObject().Sum(member => Objects(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().Sum(Objects),
        _ => 0,
    };
}
