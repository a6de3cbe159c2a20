using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Tuning;

namespace OneComp.Benchmarks.Quality;

/// <summary>The recipes of the table.</summary>
internal static class Recipes
{
    private static readonly GptqQuantizer Plain = new();
    private static readonly ErrorPropagation Qep = new();

    private static readonly GptqQuantizer SymStatic = Plain with { Mse = true, ActOrder = true, StaticGroups = true };
    private static readonly GptqQuantizer AsymStatic = SymStatic with { Sym = false, WeightedMse = true };
    private static readonly GptqQuantizer AsymOrder = Plain with { Sym = false, Mse = true, ActOrder = true };

    private static readonly ErrorPropagation Down = Qep with { ExcludeKeywords = [] };
    private static readonly GptqQuantizer S = SymStatic with { WeightedMse = true, RefineIters = 4 };
    private static readonly GptqQuantizer A = AsymOrder with { WeightedMse = true, RefineIters = 4, PercDamp = 0.03 };

    public static IReadOnlyList<Recipe> All { get; } =
    [
        Uniform("uniform sym", Plain, null),
        Uniform("uniform sym qep", Plain, Qep),
        Uniform("uniform sym mse qep", Plain with { Mse = true }, Qep),
        Uniform("uniform sym mse static qep", SymStatic, Qep),
        Uniform("uniform sym wmse static qep", SymStatic with { WeightedMse = true }, Qep),
        Uniform("uniform sym wmse static qep refine1", SymStatic with { WeightedMse = true, RefineIters = 1 }, Qep),
        Uniform("uniform sym wmse static qep refine4", SymStatic with { WeightedMse = true, RefineIters = 4 }, Qep),
        Uniform("uniform sym wmse2 static qep refine4", SymStatic with { WeightedMse = true, QNorm = 2, RefineIters = 4 }, Qep),
        Uniform("uniform asym wmse static qep", AsymStatic, Qep),
        Uniform("uniform asym wmse static qep refine4", AsymStatic with { RefineIters = 4 }, Qep),
        Uniform("uniform asym mse act-order qep", AsymOrder, Qep),
        Uniform("uniform asym mse act-order qep refine4", AsymOrder with { RefineIters = 4 }, Qep),
        Uniform("uniform asym wmse act-order qep refine4", AsymOrder with { WeightedMse = true, RefineIters = 4 }, Qep),
        Uniform("uniform S", S, Qep),
        Uniform("uniform S down", S, Qep with { ExcludeKeywords = [] }),
        Uniform("uniform S down qep1", S, Qep with { ExcludeKeywords = [], PercCorr = 1 }),
        .. new[] { (50, 0.5, 0.1), (200, 0.5, 0.1), (200, 1.0, 0.1), (200, 0.25, 0.1), (200, 0, 0.1), (200, 0, 0.3), (200, 0.5, 0.3), (200, 2, 0.1), (800, 0.5, 0.1), (800, 1, 0.1) }.Select(t =>
            Uniform($"uniform S tune {t.Item1} {t.Item2} {t.Item3}", S, Qep) with { Tuning = new BlockTuning { Steps = t.Item1, CodeTravel = t.Item2, ScaleTravel = t.Item3 } }),
        Uniform("uniform A tune 200 0.5 0.1", A, Qep) with { Tuning = new BlockTuning { Steps = 200 } },
        Uniform("uniform A tune 200 1 0.1", A, Qep) with { Tuning = new BlockTuning { Steps = 200, CodeTravel = 1 } },
        Uniform("uniform S down guided", S, Qep with { ExcludeKeywords = [] }) with { Guided = true },
        Uniform("uniform A down guided", A, Qep with { ExcludeKeywords = [] }) with { Guided = true },
        Uniform("uniform A down", A, Qep with { ExcludeKeywords = [] }),
        AutoBit("autobit S down guided", S, Down) with { Guided = true },
        AutoBit("autobit S down", S, Down),
        AutoBit("autobit A down guided", A, Down) with { Guided = true },
        AutoBit("autobit A down", A, Down),
        AutoBit("autobit A groups down guided", A, Down, quantizer => Mixed(quantizer, 128, 64, 32)) with { Guided = true },
        AutoBit("autobit reference", Plain, Qep, quantizer => quantizer with { CostMetric = CostMetric.ActivationAware }),
        AutoBit("autobit sym mse static, activation_aware", SymStatic, Qep, quantizer => quantizer with { CostMetric = CostMetric.ActivationAware }),
        AutoBit("autobit sym mse static", SymStatic, Qep),
        AutoBit("autobit asym wmse static", AsymStatic, Qep),
        AutoBit("autobit asym mse act-order", AsymOrder, Qep),
        AutoBit("autobit sym wmse static refine4", SymStatic with { WeightedMse = true, RefineIters = 4 }, Qep),
        AutoBit("autobit asym wmse static refine4", AsymStatic with { RefineIters = 4 }, Qep),
        AutoBit("autobit asym mse act-order refine4", AsymOrder with { RefineIters = 4 }, Qep),
        AutoBit("autobit asym mse act-order refine4 groups", AsymOrder with { RefineIters = 4 }, Qep, quantizer => Mixed(quantizer, 128, 64, 32)),
        AutoBit("autobit asym mse act-order refine4 64", AsymOrder with { RefineIters = 4, GroupSize = 64 }, Qep, quantizer => Mixed(quantizer, 64)),
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

    private static Recipe AutoBit(string name, GptqQuantizer options, ErrorPropagation? qep, Func<AutoBitQuantizer, AutoBitQuantizer>? change = null) => new(
        name,
        target =>
        {
            var quantizer = new AutoBitQuantizer
            {
                TargetBit = target,
                NumCalibSamples = 32,
                CalibSeqLen = 256,
                Quantizers = [.. ((int[])[2, 3, 4, 8]).Select(bits => (WeightQuantizer)(options with { WBits = bits }))],
            };
            return change?.Invoke(quantizer) ?? quantizer;
        },
        qep);
}
