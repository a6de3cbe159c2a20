using OneComp.Models;
using OneComp.Tokenization;
using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>A model's tokenizer as the keys of a GGUF file.</summary>
/// <param name="model">llama.cpp's name of the method: <c>gpt2</c> or <c>llama</c> (SentencePiece).</param>
/// <param name="preTokenizer">Its name for the way text is cut.</param>
/// <param name="table">The tokens.</param>
internal sealed class GgufVocabulary(string model, string preTokenizer, TokenTable table)
{
    private const char SpaceMark = '▁';

    /// <summary>Merges in order, two tokens with a space between; null for SentencePiece.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <summary>Whether the scores mean something.</summary>
    public bool HasScores { get; init; }

    /// <summary>The token for what has none; null where there is none.</summary>
    public int? Unknown { get; set; }

    private int? Begin { get; set; }

    private int End { get; set; }

    private int? Padding { get; set; }

    private bool AddsBegin { get; set; }

    private bool AddsEnd { get; set; }

    private bool AddsSpace { get; set; }

    private string? ChatTemplate { get; set; }

    /// <summary>Reads the tokenizer of a model folder.</summary>
    /// <param name="config">The model.</param>
    /// <param name="preTokenizer">llama.cpp's name for the way text is cut; null to recognise it.</param>
    /// <exception cref="ExportException">It cannot be written as GGUF, or does not belong to the model.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be read.</exception>
    public static GgufVocabulary Read(ModelConfig config, string? preTokenizer)
    {
        var tokenizer = TokenizerLoader.Load(config.Folder);
        var jsonFile = Path.Combine(config.Folder, "tokenizer.json");
        var modelFile = Path.Combine(config.Folder, "tokenizer.model");
        JsonField? json = File.Exists(jsonFile) ? TokenizerFile.ReadJson(jsonFile) : null;
        var isSentencePiece = json?["model"].Flag("byte_fallback", false) ?? true;
        var vocabulary = !isSentencePiece ? ByteLevelVocabulary.Read(json!.Value, config, preTokenizer)
            : File.Exists(modelFile) ? SentencePieceVocabulary.Read(modelFile, json, config)
            : SentencePieceVocabulary.Read(json!.Value, config);
        vocabulary.SetRoles(config, tokenizer);
        return vocabulary;
    }

    /// <summary>Adds the tokenizer's keys.</summary>
    public void AddTo(GgufMetadata metadata)
    {
        metadata.Add("tokenizer.ggml.model", model);
        metadata.Add("tokenizer.ggml.pre", preTokenizer);
        metadata.Add("tokenizer.ggml.tokens", table.Texts());
        if (HasScores)
        {
            metadata.Add("tokenizer.ggml.scores", table.Scores);
        }

        metadata.Add("tokenizer.ggml.token_type", table.Kinds);
        if (Merges is not null)
        {
            metadata.Add("tokenizer.ggml.merges", Merges);
        }

        AddId("bos", Begin);
        AddId("eos", End);
        AddId("unknown", Unknown);
        AddId("padding", Padding);
        metadata.Add("tokenizer.ggml.add_bos_token", AddsBegin);
        metadata.Add("tokenizer.ggml.add_eos_token", AddsEnd);
        metadata.Add("tokenizer.ggml.add_space_prefix", AddsSpace);
        if (ChatTemplate is not null)
        {
            metadata.Add("tokenizer.chat_template", ChatTemplate);
        }

        void AddId(string role, int? id)
        {
            if (id is { } known)
            {
                metadata.Add($"tokenizer.ggml.{role}_token_id", (uint)known);
            }
        }
    }

    // What the tokenizer puts around a text is read off a text, which no field of any file says more surely.
    private void SetRoles(ModelConfig config, ITextTokenizer tokenizer)
    {
        const string sample = "a";
        var (bare, whole) = (tokenizer.Encode(sample, addSpecialTokens: false), tokenizer.Encode(sample));
        var at = whole.AsSpan().IndexOf(bare);
        var (before, after) = (whole[..at], whole[(at + bare.Length)..]);
        var special = new SpecialTokens(config, table);
        Begin = special.IdOf("bos") ?? (before is [var first, ..] ? first : null);
        End = special.IdOf("eos") ?? throw new ExportException(ExportError.TokenizerMismatch, config.Folder, $"{config.Folder}: neither tokenizer_config.json (eos_token) nor config.json (eos_token_id) names the token at which texts end, and llama.cpp would take another. Add one of them.");
        Padding = special.IdOf("pad");
        Unknown ??= special.IdOf("unk");
        AddsBegin = before.Length > 0 && before[0] == Begin;
        AddsEnd = after.Length > 0 && after[^1] == End;
        AddsSpace = HasScores && bare is [var piece, ..] && table.Text(piece)?.StartsWith(SpaceMark) == true;
        ChatTemplate = special.ChatTemplate();
    }
}
