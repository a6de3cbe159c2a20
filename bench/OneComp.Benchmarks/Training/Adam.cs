using static TorchSharp.torch;

namespace OneComp.Benchmarks.Training;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019), gradients clipped to a norm of 1. Owns its moments.</summary>
internal sealed class Adam(IReadOnlyList<Tensor> parameters) : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, Decay = 0.1, MostNorm = 1;
    private readonly Tensor[] _means = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
    private readonly Tensor[] _squares = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
    private int _steps;

    /// <summary>One step along gradients in the parameters' order, which are borrowed.</summary>
    public void Step(IList<Tensor> gradients, double rate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _steps++;
        var norm = stack(gradients.Select(gradient => gradient.square().sum())).sum().sqrt().item<float>();
        var clip = Math.Min(1, MostNorm / (norm + Epsilon));
        var (first, second) = (1 - Math.Pow(Beta1, _steps), 1 - Math.Pow(Beta2, _steps));
        for (var i = 0; i < parameters.Count; i++)
        {
            var gradient = gradients[i] * clip;
            _means[i].mul_(Beta1).add_(gradient * (1 - Beta1));
            _squares[i].mul_(Beta2).add_(gradient.square() * (1 - Beta2));
            var step = (_means[i] / first) / ((_squares[i] / second).sqrt() + Epsilon);
            parameters[i].mul_(1 - (rate * Decay)).sub_(step * rate);
        }
    }

    public void Dispose()
    {
        foreach (var moment in _means.Concat(_squares))
        {
            moment.Dispose();
        }
    }
}
