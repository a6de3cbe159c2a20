using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>What the scales of a layer are multiplied by, and the moments of their gradients (Adam, Kingma and Ba 2015). Owns its tensors.</summary>
internal sealed class LayerFactors : IDisposable
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.99;
    private const double Least = 1e-12;

    private readonly Tensor _group;     // (d_in) int64: the group of each column
    private readonly Tensor _logarithm; // (d_out, groups) float32
    private readonly Tensor _first;
    private readonly Tensor _second;
    private Tensor? _gradient;          // (d_out, d_in) float32: ∂L/∂Ŵ, while a block is walked back through
    private int _steps;

    public LayerFactors(int[] groupOfColumn, int rows, int groups, Device device)
    {
        _group = tensor(groupOfColumn, dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
        _logarithm = zeros(rows, groups, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
        _first = zeros_like(_logarithm).DetachFromDisposeScope();
        _second = zeros_like(_logarithm).DetachFromDisposeScope();
    }

    /// <summary>Ŵ with its scales multiplied, (d_out, d_in). The caller owns it.</summary>
    public Tensor Apply(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return weight.mul(_logarithm.exp().index_select(1, _group)).MoveToOuterDisposeScope();
    }

    /// <summary>Adds a batch's part of the gradient.</summary>
    /// <param name="input">x, (tokens, d_in).</param>
    /// <param name="gradient">∂L/∂y, (tokens, d_out).</param>
    public void Add(Tensor input, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var part = gradient.t().matmul(input).to(ScalarType.Float32);
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
    /// <param name="weight">Ŵ as it was run, (d_out, d_in).</param>
    /// <param name="rate">Largest change of a factor's logarithm, about.</param>
    public void Step(Tensor weight, double rate)
    {
        using var scope = NewDisposeScope();
        var gradient = zeros_like(_logarithm).index_add_(1, _group, _gradient!.mul(weight.to(ScalarType.Float32)), 1);  // ∂L/∂log factor
        _steps++;
        _first.mul_(FirstDecay).add_(gradient, alpha: 1 - FirstDecay);
        _second.mul_(SecondDecay).addcmul_(gradient, gradient, value: 1 - SecondDecay);
        var deviation = _second.div(1 - Math.Pow(SecondDecay, _steps)).sqrt_().add_(Least);
        _logarithm.addcdiv_(_first, deviation, value: -rate / (1 - Math.Pow(FirstDecay, _steps)));
        _gradient!.Dispose();
        _gradient = null;
    }

    /// <summary>The factors, (d_out, groups) row-major.</summary>
    public float[] Values()
    {
        using var scope = NewDisposeScope();
        return _logarithm.exp().cpu().data<float>().ToArray();
    }

    public void Dispose()
    {
        _group.Dispose();
        _logarithm.Dispose();
        _first.Dispose();
        _second.Dispose();
        _gradient?.Dispose();
    }
}
