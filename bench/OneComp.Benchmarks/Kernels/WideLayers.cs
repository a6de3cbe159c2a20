using System.Globalization;
using OneComp.Benchmarks.Layers;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>
/// A layer as wide as those of large models, against the CPU loop: the same H, and as many tokens to a channel as a run of 128 windows of 2048 has.
/// Float32 factors of two libraries round unlike, which shows in a few codes of a thousand; float64 ones leave the loops alone to differ.
/// </summary>
internal static class WideLayers
{
    private const int Rows = 512;
    private const int Columns = 4096;
    private const int Tokens = 128 * 2048;
    private const double Asked = 0.001;
    private const double OfFloat32 = 0.005; // codes of a float32 and of a float64 factor differ in 0.002 on one device (docs/performance.md)

    /// <summary>Codes that differ from the CPU's, and the squared weight error.</summary>
    public static IEnumerable<KernelCheck> Of(Device device) => Of(device, HessianType.Float64, Asked).Concat(Of(device, HessianType.Float32, OfFloat32));

    private static IEnumerable<KernelCheck> Of(Device device, HessianType type, double allowed)
    {
        using var scope = NewDisposeScope();
        using var here = LayerInputs.Hessian(Columns, Tokens, device, type);
        using var there = here.Copy(CPU);
        manual_seed(6);
        var weight = randn(Rows, Columns).mul_(0.02);
        var options = new GptqQuantizer { WBits = 4, GroupSize = 128, HessianType = type };
        var layer = GptqSample.Linear(Rows, Columns);
        var ours = GptqSolver.Quantize(new LayerProblem(layer, weight.to(device), here, null), options, GptqLoops.For(device, null), default).Quantized;
        var theirs = GptqSolver.Quantize(new LayerProblem(layer, weight, there, null), options, new GptqCpuLoop(), default).Quantized;
        double Error(GroupedWeight quantized) => quantized.Dequantize().cpu().sub(weight).square().sum(ScalarType.Float64).item<double>();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Rows} x {Columns}, {Tokens} tokens, {type} factor");
        yield return KernelCheck.Of($"cpu: {name}: codes", ours.Codes.cpu().ne(theirs.Codes).to(ScalarType.Float32).mean().item<float>(), allowed);
        yield return KernelCheck.Of($"error: {name}: squared weight error", Math.Abs((Error(ours) / Error(theirs)) - 1), Asked);
    }
}
