using System.Globalization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization;

/// <summary>What a weight must be before it is quantized.</summary>
internal static class WeightCheck
{
    /// <summary>Holds a weight against what the parts that are saved can stand for. One wait for the device.</summary>
    /// <param name="problem">The layer.</param>
    /// <param name="mostSize">The largest size that can be stood for; infinity for any finite one.</param>
    /// <exception cref="NumericException">A weight is NaN or infinite, or larger.</exception>
    public static void Require(LayerProblem problem, double mostSize = double.PositiveInfinity)
    {
        using var scope = NewDisposeScope();
        var name = problem.Layer.Name;
        var largest = Magnitude.Largest(problem.Weight).item<float>();
        if (!float.IsFinite(largest))
        {
            throw new NumericException(NumericError.WeightNotFinite, name, $"Layer {name}: the weight holds NaN or infinite values. The model's file is damaged: download it again.");
        }

        if (largest > mostSize)
        {
            throw new NumericException(NumericError.WeightTooLarge, name, string.Create(CultureInfo.InvariantCulture, $"Layer {name}: a weight of size {largest:g4} needs a scale beyond float16, in which scales are saved; at these bits {mostSize:g4} is the most. Leave the layer out (-ExcludeLayerName), or give it more bits."));
        }
    }
}
