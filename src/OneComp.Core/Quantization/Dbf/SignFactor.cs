using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>One of the two factors while it is searched for: Aᵀ or B, inner features first. Owns its tensors.</summary>
internal sealed class SignFactor : IDisposable
{
    private const double Tiny = 1e-12;

    /// <summary>Starts from normal random numbers.</summary>
    public SignFactor(int inner, int features, Generator generator, Device device)
    {
        using var scope = NewDisposeScope();
        // Drawn on the CPU whatever the device: generators of other devices give other numbers.
        Value = randn(inner, features, dtype: ScalarType.Float32, device: CPU, generator: generator).to(device).DetachFromDisposeScope();
        Dual = zeros(inner, features, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    /// <summary>(k, features), float32: rank-one magnitudes times signs, once solved for.</summary>
    public Tensor Value { get; }

    /// <summary>(k, features), float32: the scaled dual variable of ADMM.</summary>
    public Tensor Dual { get; }

    /// <summary>Brings the rows to length 1 and moves their lengths into <paramref name="other"/>: the product stays the same.</summary>
    public void NormaliseInto(SignFactor other)
    {
        using var scope = NewDisposeScope();
        var lengths = Value.square().sum(dim: 1, keepdim: true).sqrt_().clamp_min_(Tiny); // (k, 1)
        Value.div_(lengths);
        Dual.div_(lengths);
        other.Value.mul_(lengths);
        other.Dual.mul_(lengths);
    }

    public void Dispose()
    {
        Value.Dispose();
        Dual.Dispose();
    }
}
