namespace OneComp.Tokenization.Reading;

/// <summary>Reads Hugging Face's tokenizer.json. "truncation", "padding" and "decoder" do not concern encoding whole texts.</summary>
internal static class TokenizerJsonReader
{
    public static ITextTokenizer Read(string path)
    {
        JsonField root = TokenizerFile.ReadJson(path);
        BpeModel model = BpeModelReader.Read(root["model"]);
        Func<string, string> normalizer = NormalizerReader.Read(root.Optional("normalizer"));
        List<AddedToken> added = [.. root.Optional("added_tokens")?.Items().Select(token => ReadToken(token, model)) ?? []];
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

    // A token that the vocabulary has too keeps the vocabulary's id.
    private static AddedToken ReadToken(JsonField token, BpeModel model)
    {
        string content = token["content"].Text();
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
