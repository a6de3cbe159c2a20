using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>Moments of a tensor's gradients and the steps they give (Adam, Kingma and Ba 2015). Owns its tensors.</summary>
internal sealed class AdamMoments : IDisposable
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.99;
    private const double Least = 1e-12;

    private readonly Tensor _first;
    private readonly Tensor _second;
    private int _steps;

    /// <summary>For a tensor of this shape and device.</summary>
    public AdamMoments(Tensor like)
    {
        _first = zeros_like(like, dtype: ScalarType.Float32).DetachFromDisposeScope();
        _second = zeros_like(like, dtype: ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>One step of <paramref name="values"/> against the gradient.</summary>
    /// <param name="values">Changed in place.</param>
    /// <param name="gradient">Of their shape, float32. Borrowed.</param>
    /// <param name="rate">Largest change of a value, about.</param>
    public void Step(Tensor values, Tensor gradient, double rate)
    {
        using var scope = NewDisposeScope();
        _steps++;
        _first.mul_(FirstDecay).add_(gradient, alpha: 1 - FirstDecay);
        _second.mul_(SecondDecay).addcmul_(gradient, gradient, value: 1 - SecondDecay);
        var deviation = _second.div(1 - Math.Pow(SecondDecay, _steps)).sqrt_().add_(Least);
        values.addcdiv_(_first, deviation, value: -rate / (1 - Math.Pow(FirstDecay, _steps)));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
