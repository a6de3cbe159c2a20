using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

public class ActivationsTests
{
    // x·sigmoid(x), x·Φ(x), and the tanh formula, at x = 1.5, computed by hand.
    [Theory]
    [InlineData(ActivationFunction.Silu, 1.2263617)]
    [InlineData(ActivationFunction.Gelu, 1.3997892)]
    [InlineData(ActivationFunction.GeluTanh, 1.3995715)]
    public void Values_are_those_of_the_formula(ActivationFunction function, double expected)
    {
        TorchRuntime.EnsureLoaded();
        using var input = tensor([1.5f]);
        using var output = Activations.Apply(function, input);
        Assert.Equal(expected, output.item<float>(), 5e-7);
    }
}
