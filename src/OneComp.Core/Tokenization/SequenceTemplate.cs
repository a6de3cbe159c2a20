namespace OneComp.Tokenization;

/// <summary>What stands around a text: begin and end of sequence.</summary>
/// <param name="Parts">Ids to add, in order; null stands for the text's own ids.</param>
internal sealed record SequenceTemplate(IReadOnlyList<int[]?> Parts)
{
    public List<int> Apply(List<int> ids) => [.. Parts.SelectMany(part => part ?? (IEnumerable<int>)ids)];
}
