using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Quantization.Rtn;

/// <summary>Round to nearest: each weight to the closest point of its group's grid, without calibration.</summary>
public sealed record RtnQuantizer : GridQuantizer
{
    /// <summary>True for grids centred on zero; false for grids fitted to each group's range.</summary>
    public bool Sym { get; init; }

    /// <inheritdoc/>
    public override string Method => "RTN";

    /// <inheritdoc/>
    public override bool NeedsHessian => false;

    /// <inheritdoc/>
    public override GroupScheme SchemeFor(LinearLayer layer) => new(WBits, GroupSize, Sym);

    internal override QuantizedWeight Quantize(LayerProblem problem, CancellationToken token) =>
        RtnSolver.Quantize(problem, this, token);
}
