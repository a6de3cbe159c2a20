using OneComp.Runtime.Cpu;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Turns queries and keys by their position: pair (x_i, x_{i+d/2}) by position · frequency_i, in float32.</summary>
internal sealed class RotaryEmbedding(ModelConfig config, Device device) : IDisposable
{
    private Tensor? _cosines; // F32 (T, d/2), for the last length asked for
    private Tensor? _sines;

    /// <summary>Frequency of each pair; may be changed before the first use.</summary>
    public float[] Frequencies { get; } = RotaryFrequencies.Of(config);

    /// <summary>x (B, T, heads, d), first position 0 → (B, heads, T, d) of the same type.</summary>
    public Tensor Forward(Tensor input)
    {
        var (cosines, sines) = Tables(input.shape[1]);
        if (BlockKernels.For(input, input.shape[^1] / 2) is { } kernels)
        {
            return BlockKernels.Turn(kernels, input, cosines, sines);
        }

        if (HostKernels.Takes(input, input.shape[^1] / 2))
        {
            return HostKernels.Turn(input, cosines, sines);
        }

        using var scope = NewDisposeScope();
        var halves = input.transpose(1, 2).to(ScalarType.Float32).chunk(2, -1);           // 2 × (B, heads, T, d/2)
        var first = (halves[0] * cosines) - (halves[1] * sines);
        var second = (halves[1] * cosines) + (halves[0] * sines);
        return cat([first, second], -1).to(input.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>∂L at the result, (B, heads, T, d) → ∂L at the argument, (B, T, heads, d), of the same type: turned the other way.</summary>
    public Tensor Back(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (cosines, sines) = Tables(gradient.shape[2]);
        var back = gradient.transpose(1, 2).contiguous();                                  // (B, T, heads, d)
        if (BlockKernels.For(back, back.shape[^1] / 2) is { } kernels)
        {
            return BlockKernels.TurnBack(kernels, back, cosines, sines).MoveToOuterDisposeScope();
        }

        var (c, s) = (cosines.unsqueeze(1), sines.unsqueeze(1));                           // (T, 1, d/2)
        var halves = back.to(ScalarType.Float32).chunk(2, -1);
        return cat([(halves[0] * c) + (halves[1] * s), (halves[1] * c) - (halves[0] * s)], -1).to(gradient.dtype).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _cosines?.Dispose();
        _sines?.Dispose();
    }

    private (Tensor Cosines, Tensor Sines) Tables(long length)
    {
        if (_cosines is null || _sines is null || _cosines.shape[0] != length)
        {
            Dispose();
            using var scope = NewDisposeScope();
            var angles = outer(arange(length, ScalarType.Float32), tensor(Frequencies)).to(device); // (T, d/2)
            _cosines = angles.cos().DetachFromDisposeScope();
            _sines = angles.sin().DetachFromDisposeScope();
        }

        return (_cosines, _sines);
    }
}
