using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>G·X + ρX = R: features count alike and on their own. Owns its tensors.</summary>
/// <param name="gram">G, (k, k). Borrowed.</param>
internal sealed class GramSystem(Tensor gram) : IRidgeSystem
{
    private Tensor? _inverse;

    /// <inheritdoc/>
    public void Shift(double rho)
    {
        using var scope = NewDisposeScope();
        var shifted = gram.clone();
        shifted.diagonal().add_(rho);
        var (lower, _) = linalg.cholesky_ex(shifted, check_errors: false);
        _inverse?.Dispose();
        _inverse = cholesky_inverse(lower).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Solve(Tensor right) => _inverse!.mm(right);

    public void Dispose() => _inverse?.Dispose();
}
