using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// C, the Hessian of a layer's input in the columns' scaled coordinates: the correlations of the inputs where columns are scaled by
/// their root mean squares. Drawn towards the identity, since off the diagonal it is known from few tokens only. Owns its tensors.
/// </summary>
internal sealed class InputCorrelation : IDisposable
{
    private readonly Lazy<(Tensor Values, Tensor Vectors)> _eigen;

    private InputCorrelation(Tensor matrix)
    {
        Matrix = matrix;
        _eigen = new(Decompose);
    }

    /// <summary>C, (d_in, d_in), float32, mean diagonal 1.</summary>
    public Tensor Matrix { get; }

    /// <summary>(d_in). Owned here.</summary>
    public Tensor Eigenvalues => _eigen.Value.Values;

    /// <summary>(d_in, d_in), in columns. Owned here.</summary>
    public Tensor Eigenvectors => _eigen.Value.Vectors;

    /// <summary>C = (1 - shrinkage)·H/(c·cᵀ) + shrinkage·I, H scaled to mean diagonal 1.</summary>
    /// <param name="hessian">H. Borrowed.</param>
    /// <param name="columns">c, (d_in): what the weight's columns are multiplied by. Borrowed.</param>
    /// <param name="shrinkage">0 for what the tokens say, 1 for uncorrelated inputs.</param>
    public static InputCorrelation Of(LayerHessian hessian, Tensor columns, double shrinkage)
    {
        using var scope = NewDisposeScope();
        var matrix = hessian.Matrix().to(ScalarType.Float32).div_(columns).div_(columns.unsqueeze(1));
        var mean = matrix.diagonal().mean().item<float>();
        matrix.mul_(mean > 0 ? (1 - shrinkage) / mean : 0);
        matrix.diagonal().add_(shrinkage);
        return new InputCorrelation(matrix.DetachFromDisposeScope());
    }

    public void Dispose()
    {
        Matrix.Dispose();
        if (_eigen.IsValueCreated)
        {
            Eigenvalues.Dispose();
            Eigenvectors.Dispose();
        }
    }

    private (Tensor Values, Tensor Vectors) Decompose()
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(Matrix);
        return (values.clamp_min_(0).DetachFromDisposeScope(), vectors.DetachFromDisposeScope()); // rounding leaves small ones below zero
    }
}
