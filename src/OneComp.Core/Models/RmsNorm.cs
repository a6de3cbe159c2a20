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

        using var scope = NewDisposeScope();
        var wide = input.to(ScalarType.Float32);                          // (..., size)
        var scale = (wide.square().mean([-1], keepdim: true) + epsilon).rsqrt(); // (..., 1)
        return (wide * scale * weight).to(type ?? input.dtype).MoveToOuterDisposeScope();
    }

    public void Dispose() => weight.Dispose();
}
