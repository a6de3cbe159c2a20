using System.Text;

namespace OneComp.Tokenization;

/// <summary>
/// The steps from text to ids, in the order that tokenizer.json defines: added tokens, normalizer, added tokens in
/// normalized form, pre-tokenizer, model, templates.
/// </summary>
internal sealed class TextPipeline : ITextTokenizer
{
    /// <summary>Tokens to find in the text as given.</summary>
    public required AddedTokenFinder PlainTokens { get; init; }

    public required Func<string, string> Normalizer { get; init; }

    /// <summary>Tokens to find in the normalized text.</summary>
    public required AddedTokenFinder NormalizedTokens { get; init; }

    public required PreTokenizer PreTokenizer { get; init; }

    public required BpeModel Model { get; init; }

    public required IReadOnlyList<SequenceTemplate> Templates { get; init; }

    public required int VocabularySize { get; init; }

    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var time = MatchTime.Begin(text.Length);
        var ids = new List<int>();
        var encoder = new BpeEncoder(Model);
        var pieces = new List<TextPiece>();
        string whole = WithoutLoneSurrogates(text);
        foreach ((int start, int end, AddedToken? plain) in PlainTokens.Cut(whole))
        {
            if (plain is not null)
            {
                ids.Add(plain.Id);
                continue;
            }

            string normalized = Normalizer(whole[start..end]);
            foreach ((int from, int to, AddedToken? token) in NormalizedTokens.Cut(normalized))
            {
                if (token is not null)
                {
                    ids.Add(token.Id);
                    continue;
                }

                pieces.Clear();
                PreTokenizer(new(normalized[from..to], AtStart: start == 0 && from == 0), pieces);
                foreach (TextPiece piece in pieces)
                {
                    encoder.Encode(piece.Text, ids);
                }
            }
        }

        return [.. addSpecialTokens ? Templates.Aggregate(ids, (inner, template) => template.Apply(inner)) : ids];
    }

    // Half a pair is no character: it can neither be normalized nor written as UTF-8.
    private static string WithoutLoneSurrogates(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
