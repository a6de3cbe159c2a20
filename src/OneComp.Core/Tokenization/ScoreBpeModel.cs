namespace OneComp.Tokenization;

/// <summary>The sort of SentencePiece: any two neighbours whose text is a piece may be joined, the best score first.</summary>
/// <param name="vocabulary">Normal pieces; control and byte pieces never come from text.</param>
/// <param name="ranks">Rank of each id: equal for equal scores, lower for better ones.</param>
internal sealed class ScoreBpeModel(Dictionary<string, int> vocabulary, int[] ranks) : BpeModel(vocabulary)
{
    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int rank, out int id)
    {
        bool found = TryGetId(joined, out id);
        rank = found ? ranks[id] : 0;
        return found;
    }
}
