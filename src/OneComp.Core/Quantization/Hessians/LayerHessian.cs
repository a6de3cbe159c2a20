using OneComp.Progress;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// H = 2/N · XᵀX of a layer's input over N tokens, and its factors. One for all layers that read the same input, which
/// then share the factors too. Owns its tensors.
/// </summary>
internal sealed class LayerHessian : IDisposable
{
    private readonly Tensor _sum; // (d_in, d_in) float32: Σ xᵀx
    private readonly ScalarType _factorType;
    private readonly Dictionary<(double, bool), HessianFactor> _factors = [];

    public LayerHessian(int inFeatures, Device device, HessianType type)
    {
        _sum = zeros(inFeatures, inFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
        _factorType = type == HessianType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
    }

    /// <summary>d_in.</summary>
    public int InFeatures => (int)_sum.shape[0];

    /// <summary>Tokens seen.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds inputs of any leading shape, (..., d_in). Borrowed.</summary>
    public void Add(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.reshape(-1, input.shape[^1]).to(ScalarType.Float32); // (tokens, d_in)
        using var exact = TensorFloat32.WhereExactFor(input);
        _sum.addmm_(x.t(), x);
        Tokens += x.shape[0];
    }

    /// <summary>H, (d_in, d_in), in the factorisation's type. The caller owns it.</summary>
    public Tensor Matrix() => _sum.to(_factorType, copy: true).mul_(2.0 / Math.Max(1, Tokens));

    /// <summary>Mean over tokens of each input's square, (d_in), float32: half of H's diagonal. The caller owns it.</summary>
    public Tensor InputMoments()
    {
        using var scope = NewDisposeScope();
        return _sum.diagonal().div(Math.Max(1, Tokens)).MoveToOuterDisposeScope();
    }

    /// <summary>The factor for these settings, made at the first call. Owned here.</summary>
    /// <param name="percDamp">Damping as a share of the mean diagonal.</param>
    /// <param name="actOrder">True to order columns by descending diagonal.</param>
    /// <param name="layer">Named where H cannot be factorised.</param>
    /// <param name="progress">Told when more damping was needed.</param>
    /// <exception cref="NumericException">H is not finite, or not positive definite under any damping tried.</exception>
    public HessianFactor Factor(double percDamp, bool actOrder, string layer, IProgress<RunEvent>? progress)
    {
        if (!_factors.TryGetValue((percDamp, actOrder), out var factor))
        {
            using var matrix = Matrix();
            factor = HessianFactor.Of(matrix, percDamp, actOrder, layer, progress);
            _factors.Add((percDamp, actOrder), factor);
        }

        return factor;
    }

    public void Dispose()
    {
        _sum.Dispose();
        foreach (var factor in _factors.Values)
        {
            factor.Dispose();
        }
    }
}
