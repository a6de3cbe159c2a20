using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// H = 2/N · XᵀX of a layer's input over N tokens, and its factors. One for all layers that read the same input, which
/// then share the factors too. Owns its tensors.
/// </summary>
internal sealed class LayerHessian : IDisposable
{
    // Inputs from which on the sum is made in 2, 4 and 8 panels: a GPU wants products that fill it, a CPU is full with small ones.
    private static readonly int[] PanelsOnGpu = [2048, 4096, 8192];
    private static readonly int[] PanelsOnCpu = [256, 512, 2048];
    private readonly SumTree _sum; // (d_in, d_in): Σ xᵀx, where it is on or right of the panels on the diagonal
    private readonly ScalarType _factorType;
    private readonly Dictionary<(double, bool), HessianFactor> _factors = [];

    /// <summary>An empty sum.</summary>
    /// <param name="inFeatures">d_in.</param>
    /// <param name="device">Where.</param>
    /// <param name="type">Type of the factors.</param>
    /// <param name="sumType">Type of the sum; null for that of the device.</param>
    public LayerHessian(int inFeatures, Device device, HessianType type, ScalarType? sumType = null)
        : this(zeros(inFeatures, inFeatures, dtype: sumType ?? SumPanels.TypeOn(device), device: device), TypeOf(type))
    {
    }

    private LayerHessian(Tensor sum, ScalarType factorType) => (InFeatures, _sum, _factorType) = ((int)sum.shape[0], new SumTree(sum), factorType);

    /// <summary>d_in.</summary>
    public int InFeatures { get; }

    /// <summary>Type of the sum.</summary>
    public ScalarType SumType => _sum.Type;

    /// <summary>Sums held: one, but for a while of the calibration.</summary>
    public int Held => _sum.Held;

    /// <summary>Tokens seen.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds inputs of any leading shape, (..., d_in). Borrowed.</summary>
    /// <param name="input">The inputs.</param>
    /// <param name="leaf">Where they stand in the tree of the sum (<see cref="SumTree"/>).</param>
    public void Add(Tensor input, int leaf = 0)
    {
        using var scope = NewDisposeScope();
        var flat = input.reshape(-1, input.shape[^1]);                                   // (tokens, d_in)
        var sum = _sum.At(leaf);
        if (Cublas.Takes(flat.dtype) && Cublas.For(flat.device) is { } cublas)
        {
            foreach (var (start, end) in Panels())
            {
                var rest = InFeatures - start;
                cublas.AddTransposed(sum.narrow(0, start, end - start).narrow(1, start, rest), flat.narrow(1, start, end - start), flat.narrow(1, start, rest));
            }
        }
        else
        {
            AddWidened(sum, flat);
        }

        Tokens += flat.shape[0]; // last: where memory runs out above, nothing was added
    }

    private void AddWidened(Tensor sum, Tensor flat)
    {
        // Tensor cores read TensorFloat-32 along the dimension that is summed over, here tokens: each channel's lie together.
        using var exact = TensorFloat32.WhereExactFor(flat);
        var channels = exact is null ? flat.to(ScalarType.Float32).t() : flat.t().contiguous().to(ScalarType.Float32); // (d_in, tokens)
        foreach (var (start, end) in Panels())
        {
            var rest = InFeatures - start;
            SumPanels.AddProduct(
                sum.narrow(0, start, end - start).narrow(1, start, rest),
                channels.narrow(0, start, end - start),
                channels.narrow(0, start, rest).t());
        }
    }

    /// <summary>H, (d_in, d_in), in the factorisation's type. The caller owns it.</summary>
    public Tensor Matrix()
    {
        using var scope = NewDisposeScope();
        var matrix = _sum.Whole().to(_factorType, copy: true).mul_(2.0 / Math.Max(1, Tokens));
        foreach (var (start, end) in Panels())
        {
            var rest = InFeatures - end;
            matrix.narrow(0, end, rest).narrow(1, start, end - start)
                .copy_(matrix.narrow(0, start, end - start).narrow(1, end, rest).t());
        }

        return matrix.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the sums over other tokens, from whatever device; borrowed.</summary>
    public void Add(LayerHessian other)
    {
        SumPanels.Add(_sum.Whole(), other._sum.Whole());
        Tokens += other.Tokens;
    }

    /// <summary>Makes one of the sums held and frees the others, at the end of the windows.</summary>
    public void Join() => _sum.Whole();

    /// <summary>The same sums in a tensor of their own, without factors. The caller owns it.</summary>
    /// <param name="device">Where; null for where they are.</param>
    /// <param name="type">Type of its factors; null for that of these.</param>
    internal LayerHessian Copy(Device? device = null, HessianType? type = null) =>
        new(_sum.Whole().to(device ?? _sum.Device, copy: true), type is { } other ? TypeOf(other) : _factorType) { Tokens = Tokens };

    /// <summary>Mean over tokens of each input's square, (d_in), float32: half of H's diagonal. The caller owns it.</summary>
    public Tensor InputMoments()
    {
        using var scope = NewDisposeScope();
        return _sum.Whole().diagonal().div(Math.Max(1, Tokens)).to(ScalarType.Float32).MoveToOuterDisposeScope();
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
            factor = HessianFactor.Of(Matrix, percDamp, actOrder, layer, progress);
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

    private static ScalarType TypeOf(HessianType type) => type == HessianType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>
    /// Rows of the sum that are made together, from the diagonal on: the sum is symmetric. Few, so that each product is large: 2 save a
    /// quarter of the work, 4 three eighths, 8 seven sixteenths.
    /// </summary>
    private IEnumerable<(int Start, int End)> Panels()
    {
        var smallest = _sum.Device.type == TorchSharp.DeviceType.CPU ? PanelsOnCpu : PanelsOnGpu;
        var count = 1 << smallest.Count(inputs => InFeatures >= inputs);
        for (var panel = 0; panel < count; panel++)
        {
            yield return ((int)((long)InFeatures * panel / count), (int)((long)InFeatures * (panel + 1) / count));
        }
    }
}
