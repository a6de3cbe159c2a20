using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Weight and bias of a linear layer; owns both.</summary>
internal sealed class LinearParameters(LinearLayer layer, Tensor weight, Tensor? bias) : IDisposable
{
    private Tensor _weight = weight;
    private Tensor? _bias = bias;

    public LinearLayer Layer => layer;

    /// <summary>(d_out, d_in).</summary>
    public Tensor Weight => _weight;

    /// <summary>x (..., d_in) → (..., d_out), in the weight's type.</summary>
    public Tensor Forward(Tensor input) => nn.functional.linear(input.to(_weight.dtype), _weight, _bias);

    /// <summary>Copies other values into the weight, which keeps its device and type.</summary>
    public void Assign(Tensor values)
    {
        if (!values.shape.AsSpan().SequenceEqual(_weight.shape))
        {
            throw new ArgumentException(
                $"a weight of shape [{string.Join(", ", values.shape)}] for {layer.Name}, " +
                $"expected [{layer.OutFeatures}, {layer.InFeatures}]",
                nameof(values));
        }

        using var scope = NewDisposeScope();
        using var off = no_grad();
        _weight.copy_(values);
    }

    /// <summary>Computes in float32 from here on; the values stay what they are.</summary>
    public void Widen()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (narrowWeight, narrowBias) = (_weight, _bias);
        _weight = Wide(narrowWeight);
        _bias = narrowBias is null ? null : Wide(narrowBias);
        narrowWeight.Dispose();
        narrowBias?.Dispose();

        static Tensor Wide(Tensor values) => values.to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }
}
