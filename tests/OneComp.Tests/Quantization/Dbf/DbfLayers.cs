using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>Layers to factorize.</summary>
internal static class DbfLayers
{
    public static LinearLayer Layer(int rows, int columns, string module = "self_attn.q_proj") =>
        new("model.layers.0." + module, 0, module, BlockStage.AttentionInput, columns, rows, HasBias: false);

    /// <summary>Normal weights with rows and columns of different sizes.</summary>
    public static Tensor Weight(int rows, int columns, ulong seed = 7)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed, CPU);
        Tensor Draw(params long[] size) => randn(size, dtype: ScalarType.Float32, device: CPU, generator: generator);
        return Draw(rows, columns).mul_(0.02).mul_(Draw(rows, 1).exp_()).mul_(Draw(columns).exp_()).DetachFromDisposeScope();
    }

    public static DbfWeight Quantize(LinearLayer layer, Tensor weight, DbfQuantizer options, LayerHessian? hessian = null, Tensor? curvature = null) =>
        (DbfWeight)options.Quantize(new LayerProblem(layer, weight, hessian, null, curvature), CancellationToken.None);

    /// <summary>Ŵ for a weight of its own shape.</summary>
    public static Tensor Restore(Tensor weight, DbfQuantizer options, LayerHessian? hessian = null, Tensor? curvature = null)
    {
        using var quantized = Quantize(Layer((int)weight.shape[0], (int)weight.shape[1]), weight, options, hessian, curvature);
        return quantized.Dequantize();
    }

    /// <summary>H of independent inputs of these sizes.</summary>
    public static LayerHessian Hessian(int columns, Func<int, float> size)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11, CPU);
        var hessian = new LayerHessian(columns, CPU, HessianType.Float32);
        hessian.Add(randn(200, columns, dtype: ScalarType.Float32, generator: generator).mul_(tensor(Enumerable.Range(0, columns).Select(size).ToArray())));
        return hessian;
    }

    /// <summary>H of inputs that lie near a few directions.</summary>
    public static LayerHessian CorrelatedHessian(int columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(12, CPU);
        Tensor Draw(params long[] size) => randn(size, dtype: ScalarType.Float32, generator: generator);
        var hessian = new LayerHessian(columns, CPU, HessianType.Float32);
        hessian.Add(Draw(400, 6).matmul(Draw(6, columns)).add_(Draw(400, columns)));
        return hessian;
    }

    /// <summary>tr((W - Ŵ)·H·(W - Ŵ)ᵀ).</summary>
    public static double OutputError(Tensor weight, Tensor restored, LayerHessian hessian)
    {
        using var scope = NewDisposeScope();
        var difference = restored - weight;
        return difference.matmul(hessian.Matrix()).mul_(difference).sum().item<float>();
    }

    /// <summary>Σ (W - Ŵ)² / Σ W².</summary>
    public static double RelativeError(Tensor weight, Tensor restored) =>
        (restored - weight).square().sum().item<float>() / weight.square().sum().item<float>();
}
