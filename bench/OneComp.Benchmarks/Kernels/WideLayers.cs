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
/// With fewer H is nearly singular, and float32 alone decides many codes on either side.
/// </summary>
internal static class WideLayers
{
    private const int Rows = 512;
    private const int Columns = 4096;
    private const int Tokens = 128 * 2048;

    /// <summary>Codes that differ from the CPU's, and the squared weight error.</summary>
    public static IEnumerable<KernelCheck> Of(Device device)
    {
        using var scope = NewDisposeScope();
        using var here = LayerInputs.Hessian(Columns, Tokens, device);
        using var there = here.Copy(CPU);
        manual_seed(6);
        var weight = randn(Rows, Columns).mul_(0.02);
        var options = new GptqQuantizer { WBits = 4, GroupSize = 128 };
        var layer = GptqSample.Linear(Rows, Columns);
        var ours = GptqSolver.Quantize(new LayerProblem(layer, weight.to(device), here, null), options, GptqLoops.For(device, null), default).Quantized;
        var theirs = GptqSolver.Quantize(new LayerProblem(layer, weight, there, null), options, new GptqCpuLoop(), default).Quantized;
        double Error(GroupedWeight quantized) => quantized.Dequantize().cpu().sub(weight).square().sum(ScalarType.Float64).item<double>();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Rows} x {Columns}, {Tokens} tokens");
        yield return KernelCheck.Of($"cpu: {name}: codes", ours.Codes.cpu().ne(theirs.Codes).to(ScalarType.Float32).mean().item<float>(), 0.001);
        yield return KernelCheck.Of($"error: {name}: squared weight error", Math.Abs((Error(ours) / Error(theirs)) - 1), 0.001);
    }
}
