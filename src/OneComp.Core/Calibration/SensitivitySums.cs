using OneComp.Models;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>a and b of a block's layers while a pass goes back through it. Owns its tensors.</summary>
/// <param name="visit">Gets each block with the sensitivity of its layers, by layer name; only borrowed.</param>
/// <param name="device">Where sums are.</param>
internal sealed class SensitivitySums(Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit, Device device) : IGradientObserver, IDisposable
{
    private readonly Dictionary<string, LayerSensitivity> _sums = [];
    private readonly Dictionary<string, long> _tokens = []; // seen, by layer
    private Tensor? _lastInput;   // layers that read one input come one after the other, with one tensor
    private Tensor? _lastMoments; // in the batch's scope

    public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
    {
        foreach (var layer in block.Layers)
        {
            _tokens.Add(layer.Name, 0);
            _sums.Add(layer.Name, new LayerSensitivity(
                zeros(layer.InFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope(),
                zeros(layer.OutFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope()));
        }
    }

    public void Add(LinearLayer layer, Tensor input, Tensor gradient)
    {
        if (!ReferenceEquals(input, _lastInput))
        {
            (_lastInput, _lastMoments) = (input, SumOfSquares(input));
        }

        var curvature = SumOfSquares(gradient); // all before a sum: where memory runs out, nothing was added
        _sums[layer.Name].InputMoments.add_(_lastMoments!);
        _sums[layer.Name].OutputCurvature.add_(curvature);
        _tokens[layer.Name] += input.shape[0] * input.shape[1];
    }

    public void End(DecoderBlock block)
    {
        foreach (var (layer, sum) in _sums)
        {
            sum.InputMoments.div_(Math.Max(1, _tokens[layer]));
            sum.OutputCurvature.div_(Math.Max(1, _tokens[layer]));
        }

        visit(block, _sums);
        Dispose();
    }

    public void Dispose()
    {
        foreach (var sum in _sums.Values)
        {
            sum.Dispose();
        }

        _sums.Clear();
        _tokens.Clear();
    }

    /// <summary>Over all tokens, for each channel: (channels) float32.</summary>
    private static Tensor SumOfSquares(Tensor values) => BlockKernels.For(values, values.shape[^1]) is { } kernels
        ? BlockBackKernels.SquareSums(kernels, values)
        : values.to(ScalarType.Float32).pow(2).reshape(-1, values.shape[^1]).sum(dim: 0); // a bare 0 would bind as the type Byte
}
