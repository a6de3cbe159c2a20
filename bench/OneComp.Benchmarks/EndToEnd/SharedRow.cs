namespace OneComp.Benchmarks.EndToEnd;

/// <summary>One job on one device and on several.</summary>
/// <param name="Qep">Whether errors are propagated.</param>
/// <param name="Devices">The devices.</param>
/// <param name="Seconds">The median of the runs.</param>
/// <param name="Runs">Seconds of each.</param>
/// <param name="SpeedUp">Times as fast as the first device alone; 1 for that.</param>
/// <param name="PeakGigabytes">Most memory in use since the run began, by device; what the tensor library keeps of earlier runs is in it.</param>
/// <param name="HostGigabytes">Most main memory of the process.</param>
/// <param name="SameCodes">Share of codes that are those of the first device alone.</param>
/// <param name="WeightError">Squared weight error relative to that of the first device alone, less one.</param>
internal sealed record SharedRow(
    bool Qep, string Devices, double Seconds, IReadOnlyList<double> Runs, double SpeedUp, IReadOnlyList<double> PeakGigabytes, double HostGigabytes, double SameCodes, double WeightError);
