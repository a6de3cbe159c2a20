using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>Reads "pre_tokenizer": how the text is cut into pieces that the model may not join again.</summary>
internal static class PreTokenizerReader
{
    // GPT-2's own pattern, which ByteLevel uses unless told otherwise.
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static PreTokenizer Read(JsonField? field)
    {
        if (field is not { } pre)
        {
            return (piece, pieces) => pieces.Add(piece);
        }

        string type = pre["type"].Text();
        return type switch
        {
            "Sequence" => InTurn([.. pre["pretokenizers"].Items().Select(inner => Read(inner))], pre.File),
            "Split" =>
                new PatternSplit(PatternReader.Read(pre["pattern"]), Behavior(pre["behavior"]), pre.Flag("invert", false)).Split,
            "Digits" => Cut(pre, @"\p{N}",
                pre.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "Punctuation" => Cut(pre, @"[!-/:-@\[-`{-~\p{P}]",
                pre.Optional("behavior") is { } behavior ? Behavior(behavior) : SplitBehavior.Isolated),
            "WhitespaceSplit" => Cut(pre, @"\s", SplitBehavior.Removed),
            "ByteLevel" => ByteLevel(pre),
            "Metaspace" => Metaspace(pre),
            _ => throw pre.Error(TokenizerError.UnknownPreTokenizer, $"is of type {Quoted.Text(type)}; known are " +
                "Sequence, Split, ByteLevel, Metaspace, Digits, Punctuation and WhitespaceSplit"),
        };
    }

    private static PreTokenizer Cut(JsonField pre, string pattern, SplitBehavior behavior) =>
        new PatternSplit(TextPattern.Parse(pattern, pre.File), behavior, invert: false).Split;

    private static SplitBehavior Behavior(JsonField field) =>
        Enum.TryParse(field.Text(), out SplitBehavior behavior) && Enum.IsDefined(behavior)
            ? behavior
            : throw field.Invalid($"is {Quoted.Text(field.Text())}, not one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    private static PreTokenizer InTurn(IReadOnlyList<PreTokenizer> steps, string file) => (piece, pieces) =>
    {
        List<TextPiece> current = [piece];
        foreach (PreTokenizer step in steps)
        {
            var next = new List<TextPiece>();
            current.ForEach(part => step(part, next));
            current = next;
            TokenizerLimits.RequireGrowth(piece.Text.Length, current.Sum(part => (long)part.Text.Length), file);
        }

        pieces.AddRange(current);
    };

    private static PreTokenizer ByteLevel(JsonField pre)
    {
        bool addSpace = pre.Flag("add_prefix_space", true);
        PatternSplit? cut = pre.Flag("use_regex", true)
            ? new(TextPattern.Parse(Gpt2Pattern, pre.File), SplitBehavior.Isolated, invert: false)
            : null;
        return (piece, pieces) =>
        {
            TextPiece spaced = addSpace && !piece.Text.StartsWith(' ') ? piece with { Text = " " + piece.Text } : piece;
            int before = pieces.Count;
            if (cut is null)
            {
                pieces.Add(spaced);
            }
            else
            {
                cut.Split(spaced, pieces);
            }

            for (int i = before; i < pieces.Count; i++)
            {
                pieces[i] = pieces[i] with { Text = ByteLevelAlphabet.Write(pieces[i].Text) };
            }
        };
    }

    // Writes spaces as a visible character, with one before the text, and cuts before each.
    private static PreTokenizer Metaspace(JsonField pre)
    {
        string mark = pre.Optional("replacement") is { } replacement ? TokenizerLimits.Insertion(replacement) : "▁";
        string scheme = pre.Optional("prepend_scheme")?.Text() ?? (pre.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never"))
        {
            throw pre["prepend_scheme"].Invalid($"is {Quoted.Text(scheme)}, not one of always, first, never");
        }

        PatternSplit? cut = pre.Flag("split", true)
            ? new(TextPattern.Literal(mark, pre.File), SplitBehavior.MergedWithNext, invert: false)
            : null;
        return (piece, pieces) =>
        {
            string marked = piece.Text.Replace(" ", mark, StringComparison.Ordinal);
            bool prepend = (scheme == "always" || (scheme == "first" && piece.AtStart))
                && !marked.StartsWith(mark, StringComparison.Ordinal);
            TextPiece whole = piece with { Text = prepend ? mark + marked : marked };
            if (cut is null)
            {
                pieces.Add(whole);
            }
            else
            {
                cut.Split(whole, pieces);
            }
        };
    }
}
