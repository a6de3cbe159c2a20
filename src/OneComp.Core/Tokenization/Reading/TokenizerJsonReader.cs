namespace OneComp.Tokenization.Reading;

/// <summary>
/// Reads Hugging Face's tokenizer.json. "truncation", "padding" and "decoder" do not concern encoding whole texts.
/// </summary>
internal static class TokenizerJsonReader
{
    public static ITextTokenizer Read(string path)
    {
        JsonField root = TokenizerFile.ReadJson(path);
        TokenizerLimits.RequireFewSteps(root.Optional("normalizer"));
        TokenizerLimits.RequireFewSteps(root.Optional("pre_tokenizer"));
        TokenizerLimits.RequireFewParts(root.Optional("post_processor"));

        BpeModel model = BpeModelReader.Read(root["model"]);
        Func<string, string> normalizer = NormalizerReader.Read(root.Optional("normalizer"));
        List<AddedToken> added = ReadAddedTokens(root.Optional("added_tokens"), model);
        return new TextPipeline
        {
            PlainTokens = new(added.Where(token => !token.Normalized), token => token.Content),
            Normalizer = normalizer,
            NormalizedTokens = new(added.Where(token => token.Normalized), token => normalizer(token.Content)),
            PreTokenizer = PreTokenizerReader.Read(root.Optional("pre_tokenizer")),
            Model = model,
            Templates = PostProcessorReader.Read(root.Optional("post_processor")),
            VocabularySize = added.Select(token => token.Id + 1).Append(model.VocabularySize).Max(),
        };
    }

    private static List<AddedToken> ReadAddedTokens(JsonField? field, BpeModel model)
    {
        List<AddedToken> added = [.. field?.Items().Take(TokenizerLimits.MostAddedTokens + 1).Select(token => ReadToken(token, model)) ?? []];
        return added.Count <= TokenizerLimits.MostAddedTokens
            ? added
            : throw field!.Value.Error(TokenizerError.InvalidVocabulary, $"has over {TokenizerLimits.MostAddedTokens} tokens");
    }

    // A token that the vocabulary has too keeps the vocabulary's id.
    private static AddedToken ReadToken(JsonField token, BpeModel model)
    {
        string content = token["content"].Text();
        if (content.Length > TokenizerLimits.LongestAddedToken)
        {
            throw token["content"].Error(TokenizerError.InvalidVocabulary, $"has {content.Length} characters; {TokenizerLimits.LongestAddedToken} are handled");
        }

        int ownId = token["id"].Id();
        return new(model.TryGetId(content, out int id) ? id : ownId, content)
        {
            SingleWord = token.Flag("single_word", false),
            StripLeft = token.Flag("lstrip", false),
            StripRight = token.Flag("rstrip", false),
            Normalized = token.Flag("normalized", !token.Flag("special", false)),
        };
    }
}
