using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>
/// llama.cpp's name for the way a byte-level tokenizer cuts text before it joins pieces. llama.cpp has the patterns built in, so
/// that they are recognised here by what tokenizer.json says, character by character.
/// </summary>
internal static class PreTokenizerName
{
    private const string Words = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string CasedWords = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+{0}|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*{0}|";
    private const string CasedRest = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, string> ByPattern = new()
    {
        [Words + @"\p{N}{1,3}" + Rest] = "llama-bpe",
        [Words + @"\p{N}" + Rest] = "qwen2",
        [CasedWords.Replace("{0}", "", StringComparison.Ordinal) + @"\p{N}" + CasedRest] = "tekken",
        [CasedWords.Replace("{0}", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?", StringComparison.Ordinal) + @"\p{N}{1,3}" + CasedRest] = "gpt-4o",
    };

    /// <summary>The name.</summary>
    /// <param name="root">tokenizer.json.</param>
    /// <exception cref="ExportException">llama.cpp has no such pattern.</exception>
    public static string Of(JsonField root)
    {
        var steps = root.Optional("pre_tokenizer") is { } pre ? Flatten(pre).ToList() : [];
        var name = steps switch
        {
            [var split, var bytes] when IsSplit(split) && IsByteLevel(bytes, usesPattern: false) => ByPattern.GetValueOrDefault(PatternOf(split)),
            [var bytes] when IsByteLevel(bytes, usesPattern: true) => "gpt-2",
            [var digits, var bytes] when IsDigits(digits) && IsByteLevel(bytes, usesPattern: true) => "smollm",
            _ => null,
        };
        if (name == "llama-bpe" && !root["model"].Flag("ignore_merges", false))
        {
            return "smaug-bpe"; // the same pattern, without taking words whole that are in the vocabulary
        }

        return name ?? throw new ExportException(ExportError.PreTokenizerUnknown, root.File, $"'{root.File}': llama.cpp's names for pre_tokenizer are known here for Llama 3, Qwen 2, Tekken, GPT-4o, GPT-2 and SmolLM, and this is none of them. Give llama.cpp's name for it with -PreTokenizer.");
    }

    private static IEnumerable<JsonField> Flatten(JsonField step) => step["type"].Text() == "Sequence"
        ? step["pretokenizers"].Items().SelectMany(Flatten)
        : [step];

    private static bool IsSplit(JsonField step) =>
        step["type"].Text() == "Split" && step["behavior"].Text() == "Isolated" && !step.Flag("invert", false) && step["pattern"].Optional("Regex") is not null;

    private static string PatternOf(JsonField split) => split["pattern"]["Regex"].Text();

    private static bool IsDigits(JsonField step) => step["type"].Text() == "Digits" && step.Flag("individual_digits", false);

    private static bool IsByteLevel(JsonField step, bool usesPattern) =>
        step["type"].Text() == "ByteLevel" && step.Flag("use_regex", true) == usesPattern && !step.Flag("add_prefix_space", true);
}
