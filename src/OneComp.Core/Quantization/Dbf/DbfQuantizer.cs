using System.Globalization;
using OneComp.Models;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// Double binary factorization (Boža and Macko 2025): the weight becomes a product of two matrices of signs with scales between
/// and beside them. For 1 to 2 bits per weight, where grids fail.
/// </summary>
public sealed record DbfQuantizer : WeightQuantizer
{
    private const string MlpKeyword = "mlp";
    private const double MinBits = 0.1;
    private const double MaxBits = 16;

    /// <summary>Signs per weight, in both matrices together; scales come on top.</summary>
    public double TargetBits { get; init; } = 1.5;

    /// <summary>Rounds of solving for one matrix and then the other.</summary>
    public int Iters { get; init; } = 600;

    /// <summary>Ridge term of each solve, as a share of the mean diagonal of the fixed matrix's Gram matrix.</summary>
    public double Reg { get; init; } = 0.03;

    /// <summary>
    /// False to weight columns by the root mean square of their inputs and rows by <see cref="UseCurvature"/>; true to scale rows and
    /// columns of the weight to equal norms instead, as the reference does, so that the factors are for the weight alone.
    /// </summary>
    public bool UseBalancing { get; init; }

    /// <summary>Without balancing: true to weight rows by the root mean square of the loss's gradient at their outputs; false to let them count alike.</summary>
    public bool UseCurvature { get; init; } = true;

    /// <summary>
    /// Without balancing: the last rounds, of <see cref="Iters"/>, that are solved under the whole Hessian of the inputs; the others are
    /// under its diagonal, which takes less time.
    /// </summary>
    public int HessianIters { get; init; } = 20;

    /// <summary>
    /// Share by which the correlations of the inputs are drawn towards 0 where the whole Hessian counts: few calibration tokens say
    /// little about them.
    /// </summary>
    public double HessianShrinkage { get; init; } = 0.2;

    /// <summary>Passes, after the last round, over the signs of the left matrix and the scales, for the error under the Hessian; 0 for none.</summary>
    public int RefineIters { get; init; } = 3;

    /// <summary>Rounds of balancing.</summary>
    public int BalanceIters { get; init; } = 40;

    /// <summary>
    /// Norm that balanced rows get. One factor for the whole balanced weight: it moves the start of the search, and the saved
    /// scales take it up.
    /// </summary>
    public double BalanceAlpha { get; init; } = 1;

    /// <summary>Which norms balancing makes equal.</summary>
    public BalanceMode BalanceMode { get; init; } = BalanceMode.L1;

    /// <summary>True to double or halve the penalty of a solve where its primal and dual residuals differ more than tenfold.</summary>
    public bool UseAdaptiveRho { get; init; } = true;

    /// <summary>Target bits for layers whose name holds "mlp"; null for <see cref="TargetBits"/>.</summary>
    public double? MlpTargetBits { get; init; }

    /// <summary>Target bits by a layer's name or part of it; the first that the name holds wins, over <see cref="MlpTargetBits"/> too.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> ModuleTargetBits
    {
        get;
        init => field = ValueList<KeyValuePair<string, double>>.Of(value);
    } = ValueList<KeyValuePair<string, double>>.Empty;

    /// <summary>Seed of the random start. Each layer draws from its own stream, made of the seed and its name.</summary>
    public int Seed { get; init; }

    /// <inheritdoc/>
    public override string Method => "DBF";

    /// <summary>False with balancing and no refining, which look at weights alone.</summary>
    public override bool NeedsHessian => !UseBalancing || RefineIters > 0;

    /// <summary>True where rows are weighted by it.</summary>
    public override bool NeedsCurvature => !UseBalancing && UseCurvature;

    /// <inheritdoc/>
    protected override string DefaultName => string.Create(CultureInfo.InvariantCulture, $"DBF_{TargetBits:0.###}bit");

    /// <inheritdoc/>
    public override DbfScheme SchemeFor(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var isMlp = layer.Name.Contains(MlpKeyword, StringComparison.Ordinal);
        return new DbfScheme(ModuleTargetBits
            .Where(rule => layer.Name.Contains(rule.Key, StringComparison.Ordinal))
            .Select(rule => (double?)rule.Value)
            .FirstOrDefault() ?? (isMlp ? MlpTargetBits : null) ?? TargetBits);
    }

    internal override QuantizedWeight Quantize(LayerProblem problem, CancellationToken token) =>
        DbfSolver.Quantize(problem, this, token);

    internal override void Check(FaultList faults)
    {
        faults.Range(nameof(TargetBits), TargetBits, MinBits, MaxBits);
        faults.Range(nameof(Iters), Iters, 1, 1_000_000);
        faults.Range(nameof(Reg), Reg, 0, 10);
        faults.Range(nameof(HessianIters), HessianIters, 0, 1_000_000);
        faults.Range(nameof(HessianShrinkage), HessianShrinkage, 0, 1);
        faults.Range(nameof(RefineIters), RefineIters, 0, 1000);
        faults.Range(nameof(BalanceIters), BalanceIters, 1, 10_000);
        faults.Range(nameof(BalanceAlpha), BalanceAlpha, 1e-6, 1e6);
        if (!Enum.IsDefined(BalanceMode))
        {
            faults.Add(nameof(BalanceMode), $"{BalanceMode} is neither {BalanceMode.L1} nor {BalanceMode.L2}");
        }

        if (MlpTargetBits is { } mlpBits)
        {
            faults.Range(nameof(MlpTargetBits), mlpBits, MinBits, MaxBits);
        }

        foreach (var (part, bits) in ModuleTargetBits)
        {
            faults.Range(string.Create(CultureInfo.InvariantCulture, $"{nameof(ModuleTargetBits)}[{part}]"), bits, MinBits, MaxBits);
        }
    }
}
