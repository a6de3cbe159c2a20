namespace OneComp.Quantization.AutoBit;

/// <summary>Layers that choose one candidate together: a fused group, or a layer on its own.</summary>
/// <param name="Layers">Indices of the layers.</param>
/// <param name="Options">What there is to choose, by ascending bits and descending cost: no option is as good as another in both.</param>
internal sealed record ChoiceUnit(IReadOnlyList<int> Layers, IReadOnlyList<ChoiceOption> Options)
{
    /// <summary>The units of a problem, without options that another one dominates.</summary>
    public static IReadOnlyList<ChoiceUnit> Of(AssignmentProblem problem) =>
        [.. LayersOf(problem).Select(layers => new ChoiceUnit(layers, Undominated(problem, layers)))];

    /// <summary>Bits of the choice with the fewest; costs are not looked at.</summary>
    public static long LeastBits(AssignmentProblem problem) => LayersOf(problem)
        .Sum(layers => Enumerable.Range(0, problem.Candidates).Min(k => layers.Sum(l => problem.Bits(l, k))));

    private static IEnumerable<IReadOnlyList<int>> LayersOf(AssignmentProblem problem)
    {
        var grouped = problem.Groups.SelectMany(group => group).ToHashSet();
        var free = Enumerable.Range(0, problem.Layers.Count).Where(l => !grouped.Contains(l)).Select(l => (IReadOnlyList<int>)[l]);
        return problem.Groups.Concat(free);
    }

    private static List<ChoiceOption> Undominated(AssignmentProblem problem, IReadOnlyList<int> layers)
    {
        var kept = new List<ChoiceOption>();
        var all = Enumerable.Range(0, problem.Candidates)
            .Select(k => new ChoiceOption(k, layers.Sum(l => problem.Bits(l, k)), layers.Sum(l => problem.Costs[l][k])))
            .OrderBy(option => option.Bits)
            .ThenBy(option => option.Cost);
        foreach (var option in all)
        {
            if (kept.Count == 0 || option.Cost < kept[^1].Cost)
            {
                kept.Add(option);
            }
        }

        return kept;
    }
}

/// <summary>One candidate for a unit.</summary>
/// <param name="Candidate">Its index.</param>
/// <param name="Bits">Bits that the unit's layers take with it.</param>
/// <param name="Cost">What they cost with it.</param>
internal readonly record struct ChoiceOption(int Candidate, long Bits, double Cost);
