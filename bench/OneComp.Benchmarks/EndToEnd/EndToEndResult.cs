namespace OneComp.Benchmarks.EndToEnd;

/// <summary>A run by phases and as a user starts it.</summary>
/// <param name="Blocks">Decoder blocks.</param>
/// <param name="Tokens">Calibration tokens.</param>
/// <param name="Rates">Of large products on the device, in the same run.</param>
/// <param name="Phases">What each took.</param>
/// <param name="PhaseSeconds">Their sum.</param>
/// <param name="BoundSeconds">Forward and Gram products at those rates.</param>
/// <param name="RunSeconds">The same job through QuantizationRun, nothing waited for in between.</param>
/// <param name="RunShareOfBound">BoundSeconds / RunSeconds.</param>
/// <param name="StatisticsSeconds">The forward and backward pass that layers are rated by.</param>
/// <param name="StatisticsBoundSeconds">Its products forward and, once more, back.</param>
/// <param name="StatisticsShareOfBound">StatisticsBoundSeconds / StatisticsSeconds.</param>
/// <param name="PeakGigabytes">Most memory of the device in use until the run's end.</param>
/// <param name="StatisticsPeakGigabytes">The same until the end of the statistics pass; what the tensor library keeps is in both.</param>
internal sealed record EndToEndResult(
    int Blocks, long Tokens, Rates Rates, IReadOnlyList<PhaseRow> Phases, double PhaseSeconds, double BoundSeconds, double RunSeconds, double RunShareOfBound,
    double StatisticsSeconds, double StatisticsBoundSeconds, double StatisticsShareOfBound, double PeakGigabytes, double StatisticsPeakGigabytes);
