using OneComp.Calibration;
using OneComp.Quantization;

namespace OneComp.Tuning;

/// <summary>How scales and codes are tuned once every layer is quantized.</summary>
public sealed record TuningOptions
{
    private const long MostTokens = 1 << 20; // what the original makes of them is kept, a hidden state for each

    /// <summary>Steps, for each part of the model that is tuned at once; 0 for none. Each goes over the next <see cref="WindowsPerStep"/> calibration windows.</summary>
    public int Steps { get; init; } = 64;

    /// <summary>Windows of a step.</summary>
    public int WindowsPerStep { get; init; } = 16;

    /// <summary>How far the first step goes: change of a scale's logarithm. Later steps shrink to nothing in a straight line.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>How far the first step goes: change of a code, in codes. 0 leaves codes as they are and tunes scales alone.</summary>
    public double CodeRate { get; init; } = 2e-3;

    /// <summary>How often steps may go over a window before the model rewrites the windows to have more of them.</summary>
    public int WindowUses { get; init; } = 8;

    /// <exception cref="QuantizerOptionsException">A setting is out of range.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Range("TuneSteps", Steps, 0, 100_000);
        faults.Range(nameof(WindowsPerStep), WindowsPerStep, 1, 100_000);
        faults.Range(nameof(Rate), Rate, 0, 1);
        faults.Range(nameof(CodeRate), CodeRate, 0, 1);
        faults.Range(nameof(WindowUses), WindowUses, 1, 100_000);
        faults.ThrowIfAny("tuning");
    }

    /// <summary>Rounds in which the windows are rewritten, so that no window is used more than <see cref="WindowUses"/> times; fewer where that makes over a million tokens.</summary>
    internal int RoundsFor(TokenWindows windows)
    {
        var wanted = Math.Ceiling((double)Steps * WindowsPerStep / WindowUses / windows.Count);
        var most = Math.Max(1, MostTokens / windows.Ids.Length);
        return (int)Math.Clamp(wanted, 1, most) - 1;
    }
}
