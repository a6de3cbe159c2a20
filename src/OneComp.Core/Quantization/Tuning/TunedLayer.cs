using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Tuning;

/// <summary>A layer's codes and scales as parameters that gradients reach. Owns its tensors.</summary>
internal sealed class TunedLayer : IDisposable
{
    private readonly GroupedWeight _start;
    private readonly Tensor _codes;      // (d_out, d_in) float32, between whole codes
    private readonly Tensor _change;     // (d_out, groups) float32: scale = start·(1 + change)
    private readonly Tensor _scales;     // (d_out, groups) float32
    private readonly Tensor _zeros;      // (d_out, d_in) float32
    private readonly Tensor _group;      // (d_in) int64
    private readonly SignStep _codeStep;
    private readonly SignStep _scaleStep;

    /// <summary>Starts from a quantized weight, which is borrowed.</summary>
    /// <param name="start">The weight.</param>
    /// <param name="wanted">What it was quantized from, (d_out, d_in): says to which side of its code each weight lies. Borrowed.</param>
    public TunedLayer(GroupedWeight start, Tensor wanted)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _start = start;
        _group = tensor(start.GroupIndex, dtype: ScalarType.Int64, device: start.Codes.device).DetachFromDisposeScope();
        _scales = start.Scales.to(ScalarType.Float32).clone().DetachFromDisposeScope();
        _zeros = start.Zeros.to(ScalarType.Float32).index_select(1, _group).DetachFromDisposeScope();
        var codes = start.Codes.to(ScalarType.Float32);
        var exact = wanted.div(_scales.index_select(1, _group)).add_(_zeros);
        _codes = (codes + (exact - codes).clamp_(-0.45, 0.45)).DetachFromDisposeScope();
        _change = zeros_like(_scales).DetachFromDisposeScope();
        _codes.requires_grad_();
        _change.requires_grad_();
        _codeStep = new SignStep(_codes);
        _scaleStep = new SignStep(_change);
    }

    public IReadOnlyList<Tensor> Parameters => [_codes, _change];

    /// <summary>Ŵ, (d_out, d_in), float32; gradients flow to the parameters. In the caller's dispose scope.</summary>
    public Tensor Weight()
    {
        var rounded = _codes + (_codes.detach().round() - _codes.detach());
        var scale = (_scales * (_change + 1)).index_select(1, _group);
        return (rounded.clamp(0, _start.Scheme.MaxCode) - _zeros) * scale;
    }

    /// <summary>Takes a step against the gradients of <see cref="Parameters"/>.</summary>
    public void Step(Tensor codeGradient, Tensor scaleGradient, double codeStep, double scaleStep)
    {
        using var noGrad = no_grad();
        _codeStep.Take(codeGradient, codeStep);
        _scaleStep.Take(scaleGradient, scaleStep);
    }

    /// <summary>The weight as it stands now, in saved form. The caller owns it.</summary>
    public GroupedWeight Result()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new GroupedWeight(
            _start.Layer,
            _start.Scheme,
            _codes.round().clamp_(0, _start.Scheme.MaxCode).to(ScalarType.Byte).DetachFromDisposeScope(),
            (_scales * (_change + 1)).clamp_((float)Half.Epsilon, (float)Half.MaxValue).to(ScalarType.Float16).DetachFromDisposeScope(),
            _start.Zeros.clone().DetachFromDisposeScope(),
            _start.GroupIndex);
    }

    public void Dispose()
    {
        _codes.Dispose();
        _change.Dispose();
        _scales.Dispose();
        _zeros.Dispose();
        _group.Dispose();
        _codeStep.Dispose();
        _scaleStep.Dispose();
    }
}
