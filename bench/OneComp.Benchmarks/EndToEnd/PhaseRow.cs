namespace OneComp.Benchmarks.EndToEnd;

/// <summary>One phase of a run.</summary>
/// <param name="Phase">Its name.</param>
/// <param name="Seconds">What it took, the device idle before and after.</param>
/// <param name="Amount">TFLOP or GB, by <paramref name="Unit"/>; 0 where it is not counted.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="BoundSeconds">The least it can take at the rates measured in the same run; 0 where there is no such bound.</param>
internal sealed record PhaseRow(string Phase, double Seconds, double Amount, string Unit, double BoundSeconds)
{
    public double Rate => Seconds > 0 ? Amount / Seconds : 0;

    public double ShareOfBound => Seconds > 0 ? BoundSeconds / Seconds : 0;
}
