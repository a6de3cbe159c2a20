using static TorchSharp.torch;

namespace OneComp.Quantization.Tuning;

/// <summary>Steps of bounded length along smoothed gradients: Adam (Kingma and Ba 2015), whose step no element exceeds by much. Owns its tensors.</summary>
internal sealed class SignStep(Tensor parameter) : IDisposable
{
    private const double MeanDecay = 0.9;
    private const double SquareDecay = 0.95;
    private readonly Tensor _mean = zeros_like(parameter).DetachFromDisposeScope();
    private readonly Tensor _square = zeros_like(parameter).DetachFromDisposeScope();
    private int _steps;

    /// <summary>Moves the parameter against a gradient, which is borrowed.</summary>
    public void Take(Tensor gradient, double length)
    {
        using var scope = NewDisposeScope();
        _steps++;
        _mean.mul_(MeanDecay).add_(gradient, alpha: 1 - MeanDecay);
        _square.mul_(SquareDecay).addcmul_(gradient, gradient, 1 - SquareDecay);
        var mean = _mean / (1 - Math.Pow(MeanDecay, _steps));
        var root = (_square / (1 - Math.Pow(SquareDecay, _steps))).sqrt_().add_(1e-30);
        parameter.sub_(mean.div_(root).mul_(length));
    }

    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }
}
