namespace OneComp.Quantization.Gptq;

/// <summary>GPTQ settings by preset.</summary>
public static class GptqPresets
{
    private const int RefineIters = 4;
    private const int TuneSteps = 512;

    /// <summary>The settings of a preset, at 4 bits and group size 128.</summary>
    public static GptqQuantizer Of(QuantizationPreset preset) => preset switch
    {
        QuantizationPreset.Default => Careful,
        QuantizationPreset.Best => Careful with { Sym = false, WeightedMse = true, TuneSteps = TuneSteps },
        QuantizationPreset.Reference => new GptqQuantizer(),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "no such preset"),
    };

    private static GptqQuantizer Careful { get; } = new()
    {
        PercDamp = 0.03,
        Mse = true,
        QNorm = 2,
        ActOrder = true,
        StaticGroups = true,
        RefineIters = RefineIters,
    };
}
