using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;

namespace OneComp.Benchmarks.Quality;

/// <summary>The recipes of the table.</summary>
internal static class Recipes
{
    private static readonly GptqQuantizer Plain = new();
    private static readonly ErrorPropagation Qep = new();

    private static readonly GptqQuantizer SymStatic = Plain with { Mse = true, ActOrder = true, StaticGroups = true };
    private static readonly GptqQuantizer AsymStatic = SymStatic with { Sym = false, WeightedMse = true };
    private static readonly GptqQuantizer AsymOrder = Plain with { Sym = false, Mse = true, ActOrder = true };

    public static IReadOnlyList<Recipe> All { get; } =
    [
        Uniform("uniform sym", Plain, null),
        Uniform("uniform sym qep", Plain, Qep),
        Uniform("uniform sym mse qep", Plain with { Mse = true }, Qep),
        Uniform("uniform sym mse static qep", SymStatic, Qep),
        Uniform("uniform sym wmse static qep", SymStatic with { WeightedMse = true }, Qep),
        Uniform("uniform sym wmse static qep refine1", SymStatic with { WeightedMse = true, RefineIters = 1 }, Qep),
        Uniform("uniform sym wmse static qep refine4", SymStatic with { WeightedMse = true, RefineIters = 4 }, Qep),
        Uniform("uniform asym wmse static qep refine4", AsymStatic with { RefineIters = 4 }, Qep),
        Uniform("uniform asym mse act-order qep refine4", AsymOrder with { RefineIters = 4 }, Qep),
        Uniform("uniform asym wmse static qep", AsymStatic, Qep),
        Uniform("uniform asym mse act-order qep", AsymOrder, Qep),
        AutoBit("autobit reference", Plain, Qep, quantizer => quantizer with { CostMetric = CostMetric.ActivationAware }),
        AutoBit("autobit sym mse static, activation_aware", SymStatic, Qep, quantizer => quantizer with { CostMetric = CostMetric.ActivationAware }),
        AutoBit("autobit sym mse static", SymStatic, Qep),
        AutoBit("autobit asym wmse static", AsymStatic, Qep),
        AutoBit("autobit asym mse act-order", AsymOrder, Qep),
    ];

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
