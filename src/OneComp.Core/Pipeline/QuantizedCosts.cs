using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Rates candidates by what they do: quantizes each layer by each of them, with the Hessian of its full-precision inputs, and sums
/// (∂L/∂y_q)²·(ŷ_q - y_q)² over tokens and outputs. Holds one block's weights once for each candidate.
/// </summary>
internal sealed class QuantizedCosts(AutoBitQuantizer autoBit, IReadOnlySet<string> selected, Device device, IProgress<RunEvent>? progress) : IGradientObserver, IDisposable
{
    private readonly Dictionary<string, Tensor[]> _errors = []; // by layer and candidate: ΔW, (d_out, d_in)
    private readonly Dictionary<string, Tensor[]> _sums = [];   // by layer and candidate: a scalar, float64

    private readonly Dictionary<string, long> _tokens = [];   // seen, by layer

    /// <summary>The cost of each candidate, by layer.</summary>
    public Dictionary<string, double[]> Costs { get; } = [];

    public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
    {
        using var noGrad = no_grad();
        var layers = block.Layers.Where(layer => selected.Contains(layer.Name)).ToList();
        using var hessians = new StageHessians();
        if (autoBit.Quantizers.Any(candidate => candidate.NeedsHessian))
        {
            foreach (var layer in layers)
            {
                hessians.Prepare(layer, device, autoBit.HessianType);
            }

            BlockWalk.Observe(block, inputs, hessians.Add, token, guard);
        }

        foreach (var layer in layers)
        {
            _errors.Add(layer.Name, [.. autoBit.Quantizers.Select(candidate => Error(candidate, layer, block, hessians.Of(layer), token))]);
            _tokens.Add(layer.Name, 0);
            _sums.Add(layer.Name, [.. autoBit.Quantizers.Select(_ => zeros(1, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope())]);
        }
    }

    public void Add(LinearLayer layer, Tensor input, Tensor gradient)
    {
        if (!_errors.TryGetValue(layer.Name, out var errors))
        {
            return;
        }

        using var all = NewDisposeScope();
        var weight = gradient.to(ScalarType.Float32).pow(2);                                            // (windows, tokens, d_out)
        var parts = errors.Select(Part).ToList(); // all before a sum: where memory runs out, nothing was added
        for (var k = 0; k < errors.Length; k++)
        {
            _sums[layer.Name][k].add_(parts[k]);
        }

        _tokens[layer.Name] += gradient.shape[0] * gradient.shape[1];

        Tensor Part(Tensor error)
        {
            using var scope = NewDisposeScope();
            var difference = nn.functional.linear(input, error.to(input.dtype)).to(ScalarType.Float32);
            return difference.pow_(2).mul_(weight).sum(ScalarType.Float64).MoveToOuterDisposeScope();
        }
    }

    public void End(DecoderBlock block)
    {
        foreach (var (layer, sums) in _sums)
        {
            double[] costs = [.. sums.Select(sum => sum.item<double>() / Math.Max(1, _tokens[layer]))];
            if (!costs.All(double.IsFinite))
            {
                throw new NumericException(NumericError.StatisticNotFinite, layer, $"Layer {layer}: what its candidates cost is not a finite number. Use -Device cpu (float32), or rate by weights alone (-CostMetric Rtn).");
            }

            Costs.Add(layer, costs);
        }

        Dispose();
    }

    public void Dispose()
    {
        foreach (var tensor in _errors.Values.Concat(_sums.Values).SelectMany(held => held))
        {
            tensor.Dispose();
        }

        _errors.Clear();
        _sums.Clear();
        _tokens.Clear();
    }

    /// <summary>ΔW in the type that the block computes in.</summary>
    private Tensor Error(WeightQuantizer candidate, LinearLayer layer, DecoderBlock block, LayerHessian? hessian, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var stored = block.Weight(layer);
        var weight = stored.to(ScalarType.Float32);
        using var quantized = candidate.Quantize(new LayerProblem(layer, weight, hessian, progress), token);
        return quantized.Dequantize().sub_(weight).to(stored.dtype).DetachFromDisposeScope();
    }
}
