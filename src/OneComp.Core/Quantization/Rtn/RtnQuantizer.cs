using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Quantization.Rtn;

/// <summary>Round to nearest: each weight to the closest point of its group's grid, without calibration.</summary>
public sealed record RtnQuantizer : WeightQuantizer
{
    /// <summary>Bits of a code, 2 to 8.</summary>
    public int WBits { get; init; } = 4;

    /// <summary>Weights of a row that share a scale; -1 for the whole row.</summary>
    public int GroupSize { get; init; } = 128;

    /// <summary>True to shrink each group's range where that lowers its error.</summary>
    public bool Mse { get; init; }

    /// <summary>Steps of the shrinking with <see cref="Mse"/>.</summary>
    public int QGrid { get; init; } = 600;

    /// <summary>Exponent of the error that shrinking minimises.</summary>
    public double QNorm { get; init; } = 2.4;

    /// <summary>True for grids centred on zero; false for grids fitted to each group's range.</summary>
    public bool Sym { get; init; }

    /// <inheritdoc/>
    public override string Method => "RTN";

    /// <inheritdoc/>
    public override bool NeedsHessian => false;

    /// <inheritdoc/>
    protected override string DefaultName => SchemeName.Of(Method, WBits, GroupSize);

    /// <inheritdoc/>
    public override GroupScheme SchemeFor(LinearLayer layer) => new(WBits, GroupSize, Sym);

    internal override QuantizedWeight Quantize(LayerProblem problem, CancellationToken token) =>
        RtnSolver.Quantize(problem, this);

    internal override void Check(FaultList faults)
    {
        faults.Range(nameof(WBits), WBits, 2, 8);
        faults.GroupSize(nameof(GroupSize), GroupSize);
        faults.Range(nameof(QGrid), QGrid, 1, 10000);
        faults.Range(nameof(QNorm), QNorm, 0.1, 10);
    }
}
