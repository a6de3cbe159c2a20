using System.Globalization;
using OneComp.Formats;
using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>How far two quantized folders of one source agree that are not the same to the last byte.</summary>
/// <param name="SameBits">Share of layers that have as many bits in both.</param>
/// <param name="SameCodes">Share of equal codes, of those layers.</param>
/// <param name="WeightError">Squared weight error of the second relative to that of the first, less one.</param>
internal sealed record CodeAgreement(double SameBits, double SameCodes, double WeightError)
{
    private const double MostError = 0.02;

    /// <summary>Whether the second is as good as the first.</summary>
    public bool IsAsGood => Math.Abs(WeightError) < MostError;

    public static CodeAgreement Of(string source, string first, string second)
    {
        using var original = ModelFolder.OpenSource(source);
        using var one = QuantizedModel.Open(first);
        using var two = QuantizedModel.Open(second);
        var (layers, alike) = (0, 0);
        var (codes, same) = (0L, 0L);
        var (errorOfOne, errorOfTwo) = (0.0, 0.0);
        foreach (var layer in one.Layers)
        {
            using var scope = NewDisposeScope();
            using var weight = original.ReadWeight(layer);
            using var w = weight.to(ScalarType.Float32);
            using var a = (GroupedWeight)one.Read(layer);
            using var b = (GroupedWeight)two.Read(layer);
            errorOfOne += a.Dequantize().sub_(w).pow_(2).sum(ScalarType.Float64).item<double>();
            errorOfTwo += b.Dequantize().sub_(w).pow_(2).sum(ScalarType.Float64).item<double>();
            layers++;
            if (a.Scheme.Bits == b.Scheme.Bits)
            {
                alike++;
                codes += layer.WeightCount;
                same += a.Codes.eq(b.Codes).sum().item<long>();
            }
        }

        return new CodeAgreement((double)alike / layers, codes == 0 ? 0 : (double)same / codes, (errorOfTwo / errorOfOne) - 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"by codes: {SameCodes:0.0000} of them the same{(SameBits < 1 ? $" in the {SameBits:0.00} of layers with the same bits" : "")}, squared weight error {WeightError:+0.0e0;-0.0e0;0}");
}
