using OneComp.Models;
using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>A SentencePiece tokenizer (Llama 1 and 2, Mistral): pieces with scores, from tokenizer.model or tokenizer.json.</summary>
internal static class SentencePieceVocabulary
{
    private const string Model = "llama";
    private const string PreTokenizer = "default";

    /// <summary>Reads tokenizer.model, and the tokens that tokenizer.json adds where there is one.</summary>
    /// <exception cref="ExportException">It has more tokens than the model.</exception>
    public static GgufVocabulary Read(string path, JsonField? json, ModelConfig config)
    {
        var file = SentencePieceFile.Read(path);
        var table = new TokenTable(config, path);
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, score, type) = file.Pieces[id];
            table.Set(id, text, type, score);
        }

        foreach (var token in json?.Optional("added_tokens")?.Items().Where(token => token["id"].Id() >= file.Pieces.Count) ?? [])
        {
            table.Set(token["id"].Id(), token["content"].Text(), token.Flag("special", false) ? PieceType.Control : PieceType.UserDefined);
        }

        return new GgufVocabulary(Model, PreTokenizer, table) { HasScores = true, Unknown = file.UnknownId };
    }

    /// <summary>
    /// Reads a tokenizer.json that was made from a SentencePiece model. It has no scores but merges in the order of theirs: the
    /// piece that the first merge makes has the greatest score, and characters, which no merge makes, the least.
    /// </summary>
    /// <exception cref="ExportException">It has more tokens than the model.</exception>
    public static GgufVocabulary Read(JsonField root, ModelConfig config)
    {
        var model = root["model"];
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (left, right) in model["merges"].Items().Select(BpeModelReader.ReadPair))
        {
            ranks.TryAdd(left + right, ranks.Count);
        }

        var unknown = model.Optional("unk_token")?.Text();
        var table = new TokenTable(config, root.File);
        foreach (var (text, field) in model["vocab"].Members())
        {
            var id = field.Id();
            var type = text == unknown ? PieceType.Unknown : ByteFallback.IsByte(text) ? PieceType.Byte : PieceType.Normal;
            table.Set(id, text, type, ranks.TryGetValue(text, out var rank) ? -rank : type == PieceType.Normal ? -(ranks.Count + id) : 0);
        }

        table.SetAdded(root);
        return new GgufVocabulary(Model, PreTokenizer, table) { HasScores = true, Unknown = unknown is null ? null : table.Find(unknown) };
    }
}
