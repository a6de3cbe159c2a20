namespace OneComp.Quantization.AutoBit;

/// <summary>How hard the solver tries.</summary>
internal sealed record SolverSettings
{
    /// <summary>A choice is taken for the best when its proven gap is at most this.</summary>
    public double Gap { get; init; } = 5e-7;

    /// <summary>When it runs out the best choice so far is taken, with the gap that is proven by then.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The solver of OR-Tools: SCIP, HIGHS or SAT.</summary>
    public string Backend { get; init; } = "SCIP";

    /// <summary>False to leave every option to the solver, for comparison.</summary>
    public bool Reduce { get; init; } = true;
}
