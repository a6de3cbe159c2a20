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
        QuantizationPreset.Best => Careful with { Sym = false, WeightedMse = true, PercDamp = 0.03, TuneSteps = TuneSteps },
        QuantizationPreset.Reference => new GptqQuantizer(),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "no such preset"),
    };

    private static GptqQuantizer Careful { get; } = new()
    {
        Mse = true,
        ActOrder = true,
        StaticGroups = true,
        RefineIters = RefineIters,
    };
}
