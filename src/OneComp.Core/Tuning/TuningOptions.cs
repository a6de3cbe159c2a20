using OneComp.Quantization;

namespace OneComp.Tuning;

/// <summary>How scales are tuned once every layer is quantized.</summary>
public sealed record TuningOptions
{
    /// <summary>Steps; 0 for none. Each goes over the next <see cref="WindowsPerStep"/> calibration windows.</summary>
    public int Steps { get; init; } = 64;

    /// <summary>Windows of a step.</summary>
    public int WindowsPerStep { get; init; } = 16;

    /// <summary>How far the first step goes: change of a scale's logarithm. Later steps shrink to nothing in a straight line.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>How far the first step goes: change of a code, in codes. 0 leaves codes as they are and tunes scales alone.</summary>
    public double CodeRate { get; init; } = 0.02;

    /// <exception cref="QuantizerOptionsException">A setting is out of range.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Range("TuneSteps", Steps, 0, 100_000);
        faults.Range(nameof(WindowsPerStep), WindowsPerStep, 1, 100_000);
        faults.Range(nameof(Rate), Rate, 0, 1);
        faults.Range(nameof(CodeRate), CodeRate, 0, 1);
        faults.ThrowIfAny("tuning");
    }
}
