namespace OneComp.Quantization.Tuning;

/// <summary>
/// Tuning of a quantized block: codes and scales of its layers together take small steps that bring the block's output closer to that of
/// the full-precision model. Gradients pass through rounding as if it were not there (Bengio et al. 2013, straight-through estimator).
/// </summary>
public sealed record BlockTuning
{
    /// <summary>Steps for each block; 0 for none.</summary>
    public int Steps { get; init; }

    /// <summary>Calibration windows in a step.</summary>
    public int BatchWindows { get; init; } = 8;

    /// <summary>The furthest that a code may travel over all steps, in codes.</summary>
    public double CodeTravel { get; init; } = 0.5;

    /// <summary>The furthest that a scale may travel over all steps, as a share of itself.</summary>
    public double ScaleTravel { get; init; } = 0.1;

    /// <exception cref="QuantizerOptionsException">A setting is out of range.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Range("TuningSteps", Steps, 0, 100_000);
        faults.Range(nameof(BatchWindows), BatchWindows, 1, 1024);
        faults.Range(nameof(CodeTravel), CodeTravel, 0, 16);
        faults.Range(nameof(ScaleTravel), ScaleTravel, 0, 0.9);
        faults.ThrowIfAny("Block tuning");
    }
}
