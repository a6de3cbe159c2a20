namespace OneComp.Benchmarks.Faults;

/// <summary>What was tried, and what came of it.</summary>
/// <param name="Kind">The kind of fault or load.</param>
/// <param name="Tried">What was done.</param>
/// <param name="Times">How often.</param>
/// <param name="Right">How often what should happen did.</param>
/// <param name="Happened">What happened, in short.</param>
internal sealed record FaultRow(string Kind, string Tried, int Times, int Right, string Happened);
