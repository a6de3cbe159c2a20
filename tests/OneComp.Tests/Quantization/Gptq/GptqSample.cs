using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>A random layer with correlated inputs, from a seed. Owns its tensors.</summary>
internal sealed class GptqSample : IDisposable
{
    private readonly Tensor _weight;
    private readonly LayerHessian _hessian;

    public GptqSample(int rows, int columns, int deadColumns = 0, HessianType type = HessianType.Float32, Device? device = null)
    {
        TorchRuntime.EnsureLoaded();
        var random = new Random((rows * 1000) + columns);
        Layer = Linear(rows, columns);
        var w = Normal(random, rows * columns, 0.05);
        _weight = tensor(w).reshape(rows, columns).to(device ?? CPU).DetachFromDisposeScope();
        _hessian = new LayerHessian(columns, device ?? CPU, type);
        using var inputs = Inputs(random, columns, deadColumns).to(device ?? CPU);
        _hessian.Add(inputs);
        Weight = DenseMatrix.Of(w, rows, columns);
        using var h = _hessian.Matrix();
        using var single = h.to(ScalarType.Float32).cpu();
        Hessian = DenseMatrix.Of(single.data<float>().ToArray(), columns, columns);
    }

    public LinearLayer Layer { get; }

    public double[,] Weight { get; }

    public double[,] Hessian { get; }

    public LayerProblem Problem => new(Layer, _weight, _hessian, null);

    public static LinearLayer Linear(int rows, int columns) =>
        new("model.layers.0.self_attn.q_proj", 0, "self_attn.q_proj", BlockStage.AttentionInput, columns, rows, false);

    public static float[] Normal(Random random, int count, double deviation) => [.. Enumerable.Range(0, count)
        .Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    public GroupedWeight Quantize(GptqQuantizer options, IGptqBlockLoop? loop = null) => loop is null
        ? GptqSolver.Quantize(Problem, options, default)
        : GptqSolver.Quantize(Problem, options, loop, default).Quantized;

    /// <summary>tr(ΔW·H·ΔWᵀ).</summary>
    public double OutputError(Tensor dequantized) => DenseMatrix.OutputError(Difference(dequantized), Hessian);

    public void Dispose()
    {
        _weight.Dispose();
        _hessian.Dispose();
    }

    private double[,] Difference(Tensor dequantized)
    {
        var difference = DenseMatrix.Of(dequantized.data<float>().ToArray(), Layer.OutFeatures, Layer.InFeatures);
        for (var i = 0; i < Weight.Length; i++)
        {
            difference[i / Layer.InFeatures, i % Layer.InFeatures] -= Weight[i / Layer.InFeatures, i % Layer.InFeatures];
        }

        return difference;
    }

    /// <summary>(tokens, d_in): columns of unlike size that share a part; some are always zero.</summary>
    private static Tensor Inputs(Random random, int columns, int deadColumns)
    {
        var tokens = (4 * columns) + 8;
        var size = Enumerable.Range(0, columns).Select(_ => Math.Exp(random.NextDouble() - 0.5)).ToArray();
        for (var dead = 0; dead < deadColumns; dead++)
        {
            size[(dead * 7 + 3) % columns] = 0;
        }

        var x = Normal(random, tokens * columns, 1);
        var shared = Normal(random, tokens, 0.7);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = (float)((x[i] + shared[i / columns]) * size[i % columns]);
        }

        return tensor(x).reshape(tokens, columns);
    }
}
