using OneComp.Models;
using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>A byte-level BPE tokenizer (GPT-2, Llama 3, Qwen): its tokens, and its merges in order.</summary>
internal static class ByteLevelVocabulary
{
    /// <summary>Reads tokenizer.json.</summary>
    /// <exception cref="ExportException">Its way to cut text has no name in llama.cpp, or it has more tokens than the model.</exception>
    public static GgufVocabulary Read(JsonField root, ModelConfig config, string? preTokenizer)
    {
        var table = new TokenTable(config, root.File);
        foreach (var (text, id) in root["model"]["vocab"].Members())
        {
            table.Set(id.Id(), text, PieceType.Normal);
        }

        table.SetAdded(root);
        return new GgufVocabulary("gpt2", preTokenizer ?? PreTokenizerName.Of(root), table)
        {
            Merges = [.. root["model"]["merges"].Items().Select(BpeModelReader.ReadPair).Select(pair => $"{pair.Left} {pair.Right}")],
        };
    }
}
