using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// A quantized layer while it is tuned. Its scales are multiplied by e^f; its codes are those of a point that moves between them, code + δ,
/// which is rounded whenever the layer is run (straight-through estimator, Bengio et al. 2013). Owns its tensors: 13 bytes a weight.
/// </summary>
internal sealed class TunedLayer : IDisposable
{
    private const double Nearest = 0.45; // to the neighbour: what GPTQ rounded the other way is not to go back at the first noise

    private readonly GroupedWeight _start;
    private readonly Tensor _group;     // (d_in) int64: the group of each column
    private readonly Tensor _logarithm; // f, (d_out, groups) float32
    private readonly Tensor _offset;    // δ, (d_out, d_in) float32, in steps of the grid
    private readonly AdamMoments _ofScales;
    private readonly AdamMoments _ofCodes;
    private Tensor? _gradient;          // (d_out, d_in) float32: ∂L/∂Ŵ, while a block is walked back through

    /// <summary>Starts with the layer as it is.</summary>
    /// <param name="start">The layer. Taken over.</param>
    /// <param name="source">W that it was made from, (d_out, d_in) float32, which says how near each code is to its neighbours; borrowed.</param>
    public TunedLayer(GroupedWeight start, Tensor source)
    {
        using var scope = NewDisposeScope();
        _start = start;
        _group = tensor(start.GroupIndex, dtype: ScalarType.Int64, device: start.Codes.device).DetachFromDisposeScope();
        _logarithm = zeros_like(start.Scales, dtype: ScalarType.Float32).DetachFromDisposeScope();
        _offset = source.div(Scales()).add_(Columns(start.Zeros)).sub_(start.Codes).clamp_(-Nearest, Nearest).DetachFromDisposeScope();
        _ofScales = new AdamMoments(_logarithm);
        _ofCodes = new AdamMoments(_offset);
    }

    /// <summary>Ŵ as it is now, (d_out, d_in) float32. The caller owns it.</summary>
    public Tensor Weight()
    {
        using var scope = NewDisposeScope();
        return Codes().sub_(Columns(_start.Zeros)).mul_(Scales()).MoveToOuterDisposeScope();
    }

    /// <summary>Adds a batch's part of the gradient.</summary>
    /// <param name="input">x, (tokens, d_in).</param>
    /// <param name="gradient">∂L/∂y, (tokens, d_out).</param>
    public void Add(Tensor input, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var part = gradient.t().mm(input).to(ScalarType.Float32);
        if (_gradient is null)
        {
            _gradient = part.DetachFromDisposeScope();
        }
        else
        {
            _gradient.add_(part);
        }
    }

    /// <summary>One step against the gradient that was added up.</summary>
    /// <param name="scaleRate">Largest change of a scale's logarithm, about.</param>
    /// <param name="codeRate">Largest change of δ, about.</param>
    public void Step(double scaleRate, double codeRate)
    {
        using var scope = NewDisposeScope();
        var ofScales = zeros_like(_logarithm).index_add_(1, _group, _gradient!.mul(Weight()), 1);  // ∂L/∂f
        if (codeRate > 0)
        {
            _ofCodes.Step(_offset, _gradient!.mul(Scales()), codeRate);
        }

        _ofScales.Step(_logarithm, ofScales, scaleRate);
        _gradient!.Dispose();
        _gradient = null;
    }

    /// <summary>The layer as it is now. The caller owns it.</summary>
    public GroupedWeight Result()
    {
        using var scope = NewDisposeScope();
        return new GroupedWeight(
            _start.Layer,
            _start.Scheme,
            Codes().to(ScalarType.Byte).DetachFromDisposeScope(),
            _start.Scales.to(ScalarType.Float32).mul(_logarithm.exp()).to(ScalarType.Float16).DetachFromDisposeScope(),
            _start.Zeros.to(ScalarType.Byte, copy: true).DetachFromDisposeScope(), // read, they are wider
            _start.GroupIndex);
    }

    public void Dispose()
    {
        _start.Dispose();
        _group.Dispose();
        _logarithm.Dispose();
        _offset.Dispose();
        _ofScales.Dispose();
        _ofCodes.Dispose();
        _gradient?.Dispose();
    }

    private Tensor Codes() => _offset.add(_start.Codes).round_().clamp_(0, _start.Scheme.MaxCode);

    private Tensor Scales() => Columns(_start.Scales.to(ScalarType.Float32).mul(_logarithm.exp()));

    private Tensor Columns(Tensor groups) => groups.index_select(1, _group);
}
