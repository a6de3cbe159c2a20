namespace OneComp.Benchmarks.Solver;

/// <summary>What one kind of instance took, over its seeds and targets.</summary>
/// <param name="Instance">Its kind.</param>
/// <param name="Modules">Layers.</param>
/// <param name="Candidates">Choices of each.</param>
/// <param name="Backend">The solver of OR-Tools.</param>
/// <param name="Reduced">Whether the relaxation ruled options out first.</param>
/// <param name="Runs">Instances solved.</param>
/// <param name="MedianSeconds">Median time.</param>
/// <param name="MaxSeconds">Longest time.</param>
/// <param name="MeanCpuSeconds">Mean time of the processor, which other work on the machine does not lengthen.</param>
/// <param name="MaxCpuSeconds">The most of it that a run took.</param>
/// <param name="MaxGap">Largest proven gap.</param>
internal sealed record SolverRow(
    string Instance, int Modules, int Candidates, string Backend, bool Reduced, int Runs, double MedianSeconds, double MaxSeconds, double MeanCpuSeconds, double MaxCpuSeconds, double MaxGap);
