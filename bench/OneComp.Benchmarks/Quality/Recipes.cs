using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;

namespace OneComp.Benchmarks.Quality;

/// <summary>The recipes of the table.</summary>
internal static class Recipes
{
    private const int ManyRounds = 31;
    private const int TuneSteps = 64;
    private static readonly GptqQuantizer Plain = GptqPresets.Of(QuantizationPreset.Reference);
    private static readonly GptqQuantizer Default = GptqPresets.Of(QuantizationPreset.Default);
    private static readonly GptqQuantizer Best = GptqPresets.Of(QuantizationPreset.Best);
    private static readonly ErrorPropagation Qep = new();
    private static readonly ErrorPropagation ReferenceQep = new() { ExcludeKeywords = ["mlp.down_proj"] };

    public static IReadOnlyList<Recipe> All { get; } =
    [
        Uniform("uniform reference", Plain, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + qep", Plain, ReferenceQep) with { ResampleRounds = 0 },
        Uniform("uniform reference + qep of down_proj too", Plain, Qep) with { ResampleRounds = 0 },
        Uniform("uniform reference + mse", Plain with { Mse = true }, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + weighted mse", Plain with { Mse = true, WeightedMse = true }, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + static act-order", Plain with { ActOrder = true, StaticGroups = true }, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + refine", Plain with { RefineIters = 4 }, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + asymmetric", Plain with { Sym = false }, null) with { ResampleRounds = 0 },
        Uniform("uniform reference + resample", Plain, null),
        Uniform("uniform reference + tune", Plain, null) with { ResampleRounds = 0, TuneSteps = TuneSteps },
        Uniform("uniform default", Default, Qep),
        Uniform("uniform default - qep", Default, null),
        Uniform("uniform default - qep of down_proj", Default, ReferenceQep),
        Uniform("uniform default - mse", Default with { Mse = false }, Qep),
        Uniform("uniform default + weighted mse", Default with { WeightedMse = true }, Qep),
        Uniform("uniform default - static act-order", Default with { ActOrder = false, StaticGroups = false }, Qep),
        Uniform("uniform default - refine", Default with { RefineIters = 0 }, Qep),
        Uniform("uniform default - resample", Default, Qep) with { ResampleRounds = 0 },
        Uniform("uniform default + tune", Default, Qep) with { TuneSteps = TuneSteps },
        Uniform("uniform best", Best, Qep),
        Uniform("uniform best, act-order by g_idx", Best with { StaticGroups = false }, Qep),
        Uniform("uniform best + 31 rounds", Best, Qep) with { ResampleRounds = ManyRounds },
        Uniform("uniform best + 31 rounds + tune", Best, Qep) with { ResampleRounds = ManyRounds, TuneSteps = TuneSteps },
        AutoBit("autobit reference", Plain, ReferenceQep, CostMetric.ActivationAware) with { ResampleRounds = 0 },
        AutoBit("autobit default", Default, Qep, CostMetric.Quantized),
        AutoBit("autobit default, activation_aware", Default, Qep, CostMetric.ActivationAware),
        AutoBit("autobit default, rtn", Default, Qep, CostMetric.Rtn),
        AutoBit("autobit best", Best, Qep, CostMetric.Quantized),
        AutoBit("autobit best + 31 rounds + tune", Best, Qep, CostMetric.Quantized) with { ResampleRounds = ManyRounds, TuneSteps = TuneSteps },
        AutoBit("autobit best, group sizes 32 64 128", Best, Qep, CostMetric.Quantized, 128, 64, 32),
    ];

    /// <summary>The same budget in effective bits for candidates of other group sizes.</summary>
    private static AutoBitQuantizer Mixed(AutoBitQuantizer quantizer, params int[] groupSizes)
    {
        WeightQuantizer[] candidates = [.. quantizer.Quantizers.Cast<GptqQuantizer>().SelectMany(q => groupSizes.Select(size => q with { GroupSize = size }))];
        var layers = Layers.Value;
        var wanted = EffectiveTarget.Of(quantizer.TargetBit!.Value, layers, [.. quantizer.Quantizers.Cast<GptqQuantizer>().Select(q => q with { GroupSize = 128 })]);
        var (atZero, atOne) = (EffectiveTarget.Of(0, layers, candidates), EffectiveTarget.Of(1, layers, candidates));
        return quantizer with { Quantizers = candidates, TargetBit = (wanted - atZero) / (atOne - atZero) };
    }

    private static readonly Lazy<IReadOnlyList<LinearLayer>> Layers = new(() =>
    {
        using var model = CausalModel.Open("examples/models/tiny-llama");
        return [.. model.Topology.Layers.Where(layer => layer.Block >= 0)];
    });

    private static Recipe Uniform(string name, GptqQuantizer options, ErrorPropagation? qep) =>
        new(name, bits => options with { WBits = (int)bits }, qep, Whole: true);

    private static Recipe AutoBit(string name, GptqQuantizer options, ErrorPropagation? qep, CostMetric cost, params int[] groupSizes) => new(
        name,
        target =>
        {
            var quantizer = new AutoBitQuantizer
            {
                TargetBit = target,
                CostMetric = cost,
                NumCalibSamples = 32,
                CalibSeqLen = 256,
                Quantizers = [.. ((int[])[2, 3, 4, 8]).Select(bits => (WeightQuantizer)(options with { WBits = bits }))],
            };
            return groupSizes.Length > 0 ? Mixed(quantizer, groupSizes) : quantizer;
        },
        qep);
}
