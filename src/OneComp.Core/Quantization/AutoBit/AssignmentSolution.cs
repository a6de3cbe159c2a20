namespace OneComp.Quantization.AutoBit;

/// <summary>A choice with the proof of how good it is.</summary>
/// <param name="Choice">The candidate of each layer.</param>
/// <param name="Cost">Its total cost.</param>
/// <param name="Bound">No choice within the budget costs less.</param>
/// <param name="Solver">What found the proof.</param>
/// <param name="Elapsed">Time it took.</param>
internal sealed record AssignmentSolution(int[] Choice, double Cost, double Bound, string Solver, TimeSpan Elapsed)
{
    /// <summary>By how much a better choice could cost less at most, as a share of <see cref="Cost"/>.</summary>
    public double Gap => Cost > 0 ? Math.Max(0, (Cost - Bound) / Cost) : 0;
}
