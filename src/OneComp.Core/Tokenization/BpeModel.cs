namespace OneComp.Tokenization;

/// <summary>A vocabulary and the rule by which neighbouring symbols are joined (byte pair encoding, Sennrich et al. 2016).</summary>
/// <remarks>
/// Why not Microsoft.ML.Tokenizers 2.0.1: its BpeTokenizer has no byte fallback, refuses tokens with a space in a merge and
/// needs quadratic time on a long piece (30 s for 0.4 MB in one piece); its SentencePieceTokenizer joins the rightmost
/// of equal pairs first, where SentencePiece takes the leftmost ("ssss" gives s|ss instead of ss|s).
/// The tests hold byte-level encoding against its BpeTokenizer.
/// </remarks>
internal abstract class BpeModel
{
    /// <summary>Stands for a character that the vocabulary lacks.</summary>
    public const int UnknownSymbol = -1;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">Token to id, compared ordinally.</param>
    protected BpeModel(Dictionary<string, int> vocabulary)
    {
        _vocabulary = vocabulary;
        _bySpan = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        VocabularySize = vocabulary.Values.Max() + 1;
    }

    /// <summary>Highest id, plus one.</summary>
    public int VocabularySize { get; }

    /// <summary>Ids of the 256 bytes, for characters that the vocabulary lacks; null where there is no such fallback.</summary>
    public IReadOnlyList<int>? ByteIds { get; init; }

    /// <summary>Id for a character that cannot be encoded; null: it is dropped.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Gives one unknown id for a run of unknown characters.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>A piece that is in the vocabulary is one token, whatever the merges say (Llama 3).</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>The id of a token.</summary>
    public bool TryGetId(string token, out int id) => _vocabulary.TryGetValue(token, out id);

    /// <summary>The id of a token.</summary>
    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _bySpan.TryGetValue(token, out id);

    /// <summary>Whether two neighbours may be joined.</summary>
    /// <param name="left">Id of the left symbol, or <see cref="UnknownSymbol"/>.</param>
    /// <param name="right">Id of the right symbol.</param>
    /// <param name="joined">The text of both.</param>
    /// <param name="rank">Lower ranks are joined first; of equal ranks the leftmost.</param>
    /// <param name="id">Id of the joined symbol.</param>
    public abstract bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int rank, out int id);
}
