using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization;

/// <summary>What quantizing did to a layer.</summary>
/// <param name="Weight">Σ (W - Ŵ)².</param>
/// <param name="Output">Mean over calibration tokens of ‖Wx - Ŵx‖².</param>
internal sealed record LayerErrors(double Weight, double Output)
{
    /// <summary>Measures both; everything is borrowed.</summary>
    public static LayerErrors Of(Tensor weight, QuantizedWeight quantized, LayerHessian hessian)
    {
        using var scope = NewDisposeScope();
        var difference = quantized.Dequantize().sub_(weight);                        // (d_out, d_in)
        var matrix = hessian.Matrix().to(ScalarType.Float32);                        // 2/N · XᵀX
        return new LayerErrors(
            difference.pow(2).sum(ScalarType.Float64).item<double>(),
            difference.mm(matrix).mul_(difference).sum(ScalarType.Float64).item<double>() / 2);
    }
}
