using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>The activation functions themselves.</summary>
internal static class Activations
{
    /// <summary>Applies one elementwise; the caller owns the result.</summary>
    public static Tensor Apply(ActivationFunction function, Tensor input) => function switch
    {
        ActivationFunction.Silu => nn.functional.silu(input),
        ActivationFunction.Gelu => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.none),
        ActivationFunction.GeluTanh => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };
}
