namespace OneComp.Tokenization;

/// <summary>The sort of tokenizer.json: a ranked list of pairs that may be joined.</summary>
internal sealed class PairBpeModel(Dictionary<string, int> vocabulary, Dictionary<(int Left, int Right), (int Rank, int Id)> merges)
    : BpeModel(vocabulary)
{
    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int rank, out int id)
    {
        bool found = merges.TryGetValue((left, right), out (int Rank, int Id) merge);
        (rank, id) = merge;
        return found;
    }
}
