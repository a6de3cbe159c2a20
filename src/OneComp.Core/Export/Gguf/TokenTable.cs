using System.Globalization;
using OneComp.Models;
using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>A model's tokens by id, each with its kind and score; ids that the tokenizer has no token for are filled.</summary>
internal sealed class TokenTable
{
    private const float AddedScore = -1000;
    private readonly string?[] _texts;
    private readonly ModelConfig _config;
    private readonly string _file;

    /// <param name="config">The model; its vocabulary size is the number of tokens.</param>
    /// <param name="file">The tokenizer's file, for messages.</param>
    public TokenTable(ModelConfig config, string file)
    {
        (_config, _file) = (config, file);
        _texts = new string?[config.VocabularySize];
        Kinds = new int[config.VocabularySize];
        Scores = new float[config.VocabularySize];
    }

    /// <summary>Kinds as GGUF numbers them, which is as SentencePiece does.</summary>
    public int[] Kinds { get; }

    /// <summary>Scores, which SentencePiece joins by: the greatest first.</summary>
    public float[] Scores { get; }

    /// <summary>Sets a token.</summary>
    /// <exception cref="ExportException">The model's vocabulary is smaller.</exception>
    public void Set(int id, string text, PieceType kind, float score = 0)
    {
        if (id >= _texts.Length)
        {
            throw new ExportException(ExportError.TokenizerMismatch, _file, $"'{_file}' has a token '{text}' of id {id}, but the model's vocabulary has {_texts.Length} (config.json, vocab_size). Put the model's own tokenizer into {_config.Folder}.");
        }

        (_texts[id], Kinds[id], Scores[id]) = (text, (int)kind, score);
    }

    /// <summary>Sets the tokens that stand beside the vocabulary in tokenizer.json: special ones, and words of the user's.</summary>
    public void SetAdded(JsonField root)
    {
        foreach (var token in root.Optional("added_tokens")?.Items() ?? [])
        {
            var (id, special) = (token["id"].Id(), token.Flag("special", false));
            var isUnknown = id < Kinds.Length && Kinds[id] == (int)PieceType.Unknown;
            Set(id, token["content"].Text(), isUnknown ? PieceType.Unknown : special ? PieceType.Control : PieceType.UserDefined, AddedScore);
        }
    }

    /// <summary>The id of a token; null where there is none of that text.</summary>
    public int? Find(string text) => Array.IndexOf(_texts, text) is >= 0 and var id ? id : null;

    /// <summary>The text of a token.</summary>
    public string? Text(int id) => _texts[id];

    /// <summary>Every token's text, no two alike; ids without a token are marked as unused.</summary>
    public string[] Texts()
    {
        for (var id = 0; id < _texts.Length; id++)
        {
            if (_texts[id] is null)
            {
                Set(id, string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]"), PieceType.Unused, AddedScore);
            }
        }

        return _texts!;
    }
}
