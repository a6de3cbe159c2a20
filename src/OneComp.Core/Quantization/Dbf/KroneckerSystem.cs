using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// G·X·C + ρX = R: features count as their correlations say. With G = P·diag(g)·Pᵀ and C = Q·diag(c)·Qᵀ the solution is
/// P·[(Pᵀ·R·Q)_ij / (g_i·c_j + ρ)]·Qᵀ. Owns its tensors.
/// </summary>
internal sealed class KroneckerSystem : IRidgeSystem
{
    private readonly Tensor _products; // (k, features): g_i·c_j
    private readonly Tensor _vectors;  // (k, k): P
    private readonly InputCorrelation _correlation;
    private double _rho;

    /// <summary>Takes G apart.</summary>
    /// <param name="gram">G, (k, k), symmetric. Borrowed.</param>
    /// <param name="correlation">C and its eigenvectors. Borrowed.</param>
    public KroneckerSystem(Tensor gram, InputCorrelation correlation)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(gram);
        _products = outer(values, correlation.Eigenvalues).DetachFromDisposeScope();
        _vectors = vectors.DetachFromDisposeScope();
        _correlation = correlation;
    }

    /// <inheritdoc/>
    public void Shift(double rho) => _rho = rho;

    /// <inheritdoc/>
    public Tensor Solve(Tensor right)
    {
        using var scope = NewDisposeScope();
        var rotated = _vectors.t().mm(right).mm(_correlation.Eigenvectors).div_(_products + _rho);
        return _vectors.mm(rotated).mm(_correlation.Eigenvectors.t()).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _products.Dispose();
        _vectors.Dispose();
    }
}
