using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Weight and bias of a linear layer; owns both.</summary>
internal sealed class LinearParameters(LinearLayer layer, Tensor weight, Tensor? bias) : IDisposable
{
    public LinearLayer Layer => layer;

    /// <summary>(d_out, d_in).</summary>
    public Tensor Weight => weight;

    /// <summary>x (..., d_in) → (..., d_out).</summary>
    public Tensor Forward(Tensor input) => nn.functional.linear(input, weight, bias);

    /// <summary>Copies other values into the weight, which keeps its device and type.</summary>
    public void Assign(Tensor values)
    {
        if (!values.shape.AsSpan().SequenceEqual(weight.shape))
        {
            throw new ArgumentException(
                $"a weight of shape [{string.Join(", ", values.shape)}] for {layer.Name}, " +
                $"expected [{layer.OutFeatures}, {layer.InFeatures}]",
                nameof(values));
        }

        using var scope = NewDisposeScope();
        using var off = no_grad();
        weight.copy_(values);
    }

    public void Dispose()
    {
        weight.Dispose();
        bias?.Dispose();
    }
}
