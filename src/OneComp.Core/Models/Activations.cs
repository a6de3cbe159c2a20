using OneComp.Runtime.Cpu;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>The activation functions themselves.</summary>
internal static class Activations
{
    /// <summary>act(gate)·up, elementwise; the caller owns the result.</summary>
    public static Tensor Gate(ActivationFunction function, Tensor gate, Tensor up)
    {
        if (BlockKernels.For(gate, gate.shape[^1]) is { } kernels && up.is_contiguous())
        {
            return BlockKernels.Gate(kernels, (int)function, gate, up);
        }

        if (function == ActivationFunction.Silu && HostKernels.Takes(gate, gate.numel()) && HostKernels.Takes(up, up.numel()))
        {
            return HostKernels.SiluGate(gate, up);
        }

        using var activated = Apply(function, gate);
        return activated * up;
    }

    /// <summary>∂L at gate and at up from ∂L at act(gate)·up, all of one shape and type; the caller owns the results.</summary>
    public static (Tensor OfGate, Tensor OfUp) GateBack(ActivationFunction function, Tensor gate, Tensor up, Tensor gradient)
    {
        if (BlockKernels.For(gate, gate.shape[^1]) is { } kernels && up.is_contiguous() && gradient.is_contiguous())
        {
            return BlockBackKernels.Gate(kernels, (int)function, gate, up, gradient);
        }

        var found = OperationGradient.Of([gate, up], x => Apply(function, x[0]) * x[1], gradient);
        return (found[0], found[1]);
    }

    /// <summary>Applies one elementwise; the caller owns the result.</summary>
    internal static Tensor Apply(ActivationFunction function, Tensor input) => function switch
    {
        ActivationFunction.Silu => nn.functional.silu(input),
        ActivationFunction.Gelu => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.none),
        ActivationFunction.GeluTanh => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };
}
