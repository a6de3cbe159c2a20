using OneComp.Runtime.Cpu;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Root mean square norm (Zhang and Sennrich 2019): w·x / √(mean x² + ε), in float32. Owns the weight.</summary>
internal sealed class RmsNorm(Tensor weight /* F32 (size) */, double epsilon) : IDisposable
{
    /// <summary>Norms the last dimension.</summary>
    /// <param name="input">(..., size). The caller keeps it.</param>
    /// <param name="type">Type of the result; null for the input's.</param>
    /// <returns>(..., size). The caller owns it.</returns>
    public Tensor Forward(Tensor input, ScalarType? type = null)
    {
        if (BlockKernels.For(input, input.shape[^1]) is { } kernels)
        {
            return BlockKernels.Norm(kernels, input, weight, epsilon, type ?? input.dtype);
        }

        if (HostKernels.Takes(input, input.shape[^1]) && (type ?? ScalarType.Float32) == ScalarType.Float32)
        {
            return HostKernels.Norm(input, weight, epsilon);
        }

        using var scope = NewDisposeScope();
        return Plain(input, type).MoveToOuterDisposeScope();
    }

    /// <summary>beside + ∂L/∂x.</summary>
    /// <param name="input">x, (..., size). The caller keeps it, as the others.</param>
    /// <param name="gradient">∂L at the norm's output, (..., size).</param>
    /// <param name="beside">What reaches x on another way, of its shape and type; null for nothing.</param>
    /// <returns>(..., size) in x's type. The caller owns it.</returns>
    public Tensor Back(Tensor input, Tensor gradient, Tensor? beside)
    {
        if (BlockKernels.For(input, input.shape[^1]) is { } kernels)
        {
            return BlockBackKernels.Norm(kernels, input, weight, epsilon, gradient, beside);
        }

        using var scope = NewDisposeScope();
        var found = OperationGradient.Of([input], x => Plain(x[0], gradient.dtype), gradient)[0];
        return (beside is null ? found : found + beside).MoveToOuterDisposeScope();
    }

    private Tensor Plain(Tensor input, ScalarType? type)
    {
        var wide = input.to(ScalarType.Float32);                          // (..., size)
        var scale = (wide.square().mean([-1], keepdim: true) + epsilon).rsqrt(); // (..., 1)
        return (wide * scale * weight).to(type ?? input.dtype);
    }

    public void Dispose() => weight.Dispose();
}
