using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Layers;

/// <summary>
/// Random inputs of a layer as those of language models are: directions of falling strength, channels of unlike size of which one in
/// a hundred stands out, numbers of bfloat16, and more tokens than channels.
/// </summary>
internal static class LayerInputs
{
    private const int TokensTogether = 4096;
    private const double SharedPart = 0.95; // of the deviation; the rest is each channel's own
    private const double OutlierScale = 10;

    /// <summary>H of <paramref name="tokens"/> inputs, which the caller owns.</summary>
    public static LayerHessian Hessian(int columns, int tokens, Device device, HessianType type = HessianType.Float32, int seed = 1)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var strength = arange(1, columns + 1, ScalarType.Float32, device).pow_(-0.5);
        var directions = randn(columns, columns, device: device).mul_((strength / strength.square().sum().sqrt()).unsqueeze(1));
        var scales = randn(columns, device: device).mul_(0.3).exp_();
        scales.narrow(0, 0, Math.Max(1, columns / 100)).mul_(OutlierScale);
        scales = scales.index_select(0, randperm(columns, device: device));
        var hessian = new LayerHessian(columns, device, type);
        for (var done = 0; done < tokens; done += TokensTogether)
        {
            using var batchScope = NewDisposeScope();
            var count = Math.Min(TokensTogether, tokens - done);
            var shared = randn(count, columns, device: device).matmul(directions).mul_(SharedPart);
            var own = randn(count, columns, device: device).mul_(Math.Sqrt(1 - (SharedPart * SharedPart)));
            hessian.Add(shared.add_(own).mul_(scales).to(ScalarType.BFloat16));
        }

        return hessian;
    }
}
