using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// Δ = 2/N · (X - X̂)ᵀX̂: how far the inputs X̂ of a layer in the model quantized so far lie from its full-precision inputs X
/// (DESIGN section 5, QEP). Owns its tensors.
/// </summary>
internal sealed class InputDrift : IDisposable
{
    private readonly SumTree _sum;
    private Tensor? _correction; // (d_in, d_in): Δ·(Ĥ + λI)⁻¹, the same for all layers that read this input
    private (Tensor Lower, bool Usable)? _factor; // of Ĥ + λI, where no such matrix is made
    private long _tokens;

    /// <summary>An empty sum.</summary>
    /// <param name="inFeatures">d_in.</param>
    /// <param name="device">Where.</param>
    /// <param name="sumType">Type of the sum; null for that of the device.</param>
    public InputDrift(int inFeatures, Device device, ScalarType? sumType = null)
        : this(zeros(inFeatures, inFeatures, dtype: sumType ?? SumPanels.TypeOn(device), device: device))
    {
    }

    private InputDrift(Tensor sum) => _sum = new SumTree(sum);

    /// <summary>Sums held: one, but for a while of the calibration.</summary>
    public int Held => _sum.Held;

    /// <summary>Adds inputs of any leading shape, (..., d_in): full precision and quantized, of the same tokens. Borrowed.</summary>
    /// <param name="full">X.</param>
    /// <param name="quantized">X̂.</param>
    /// <param name="leaf">Where they stand in the tree of the sum (<see cref="SumTree"/>).</param>
    public void Add(Tensor full, Tensor quantized, int leaf = 0)
    {
        using var scope = NewDisposeScope();
        var sum = _sum.At(leaf);
        var read = quantized.reshape(-1, quantized.shape[^1]);                            // (tokens, d_in)
        var xq = read.to(ScalarType.Float32);
        var difference = full.reshape(-1, full.shape[^1]).to(ScalarType.Float32).sub(xq);
        if (Cublas.Takes(read.dtype) && Cublas.For(read.device) is { } cublas)
        {
            var most = difference.to(read.dtype); // the difference in two parts of the inputs' type, which hold 16 of its bits or more
            var rest = difference.sub_(most).to(read.dtype); // both before a sum: where memory runs out, nothing was added
            cublas.AddTransposed(sum, most, read);
            cublas.AddTransposed(sum, rest, read);
        }
        else
        {
            SumPanels.AddProduct(sum, difference.t(), xq);
        }

        _tokens += read.shape[0];
    }

    /// <summary>Adds the sums over other tokens, from whatever device; borrowed.</summary>
    public void Add(InputDrift other)
    {
        SumPanels.Add(_sum.Whole(), other._sum.Whole());
        _tokens += other._tokens;
    }

    /// <summary>Makes one of the sums held and frees the others, at the end of the windows.</summary>
    public void Join() => _sum.Whole();

    /// <summary>The same sums on a device. The caller owns it.</summary>
    public InputDrift Copy(Device device) => new(_sum.Whole().to(device, copy: true)) { _tokens = _tokens };

    /// <summary>
    /// W + share·W·Δ·(Ĥ + λI)⁻¹, (d_out, d_in), with λ = <paramref name="percDamp"/>·mean(diag Ĥ): the weight whose outputs on X̂ are
    /// closest to those of W on X. The caller owns it. W itself where the drift is nil or Ĥ cannot be factorised.
    /// </summary>
    /// <param name="weight">W, (d_out, d_in), float32. Borrowed.</param>
    /// <param name="hessian">Ĥ. Borrowed.</param>
    /// <param name="percDamp">Damping as a share of the mean diagonal.</param>
    /// <param name="share">Share of the correction.</param>
    /// <param name="outputs">d_out of all layers that will be corrected together: where they are fewer than d_in, solving for their rows is less work than for Δ's.</param>
    public Tensor Correct(Tensor weight, LayerHessian hessian, double percDamp, double share, long outputs)
    {
        using var scope = NewDisposeScope();
        if (outputs < hessian.InFeatures)
        {
            return Solved(weight, hessian, percDamp, share).MoveToOuterDisposeScope();
        }

        _correction ??= Correction(hessian, percDamp);
        return SplitProduct.Of(weight, _correction).mul_(share).add_(weight).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _sum.Dispose();
        _correction?.Dispose();
        _factor?.Lower.Dispose();
    }

    /// <summary>The same row by row: W + share·(W·Δ)·(Ĥ + λI)⁻¹.</summary>
    private Tensor Solved(Tensor weight, LayerHessian hessian, double percDamp, double share)
    {
        if (_factor is not var (lower, usable))
        {
            using var scope = NewDisposeScope();
            var (made, info) = Cholesky(hessian, percDamp);
            (lower, usable) = (made.DetachFromDisposeScope(), info.item<int>() == 0);
            _factor = (lower, usable);
        }

        var drifted = SplitProduct.Of(weight.to(lower.dtype), _sum.Whole().to(lower.dtype));                            // W·Δ, (d_out, d_in)
        var half = Solve(lower, drifted.t(), transposed: false);                                                         // (W·Δ·H⁻¹)ᵀ = L⁻ᵀL⁻¹(W·Δ)ᵀ
        var solved = Solve(lower, half, transposed: true).mul_(share * 2.0 / Math.Max(1, _tokens)).t().to(ScalarType.Float32);
        var largest = Magnitude.Largest(solved);
        return usable && float.IsFinite(largest.item<float>()) ? solved.add(weight) : weight.clone();
    }

    /// <summary>Takes the memory of two matrices beside the sums, one of which stays, and gives that of its own sum back. Views are not left behind: they keep memory.</summary>
    private Tensor Correction(LayerHessian hessian, double percDamp)
    {
        using var scope = NewDisposeScope();
        var (lower, info) = Cholesky(hessian, percDamp);
        var half = Solve(lower, _sum.Whole().t().to(lower.dtype), transposed: false);  // (ΔH⁻¹)ᵀ = H⁻¹Δᵀ = L⁻ᵀL⁻¹Δᵀ
        _sum.Dispose();
        var solved = Solve(lower, half, transposed: true);
        lower.Dispose();
        using var rows = solved.mul_(2.0 / Math.Max(1, _tokens)).t();
        var correction = rows.to(ScalarType.Float32).contiguous();
        var largest = Magnitude.Largest(correction);
        var usable = info.item<int>() == 0 && float.IsFinite(largest.item<float>());
        return (usable ? correction : zeros_like(correction)).DetachFromDisposeScope();
    }

    private static (Tensor Lower, Tensor Info) Cholesky(LayerHessian hessian, double percDamp)
    {
        using var scope = NewDisposeScope();
        var h = hessian.Matrix();
        var diagonal = h.diagonal();
        diagonal.add_(diagonal.mean() * percDamp);
        var (lower, info) = linalg.cholesky_ex(h, check_errors: false);
        return (lower.MoveToOuterDisposeScope(), info.MoveToOuterDisposeScope());
    }

    /// <summary>L⁻¹B or L⁻ᵀB; B is taken over.</summary>
    private static Tensor Solve(Tensor lower, Tensor right, bool transposed)
    {
        using var scope = NewDisposeScope();
        using (right)
        {
            return linalg.solve_triangular(transposed ? lower.t() : lower, right, upper: transposed).MoveToOuterDisposeScope();
        }
    }
}
