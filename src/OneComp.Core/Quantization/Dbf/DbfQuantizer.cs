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
    /// True to scale rows and columns of the weight to equal norms first, so that all count alike, which needs no calibration;
    /// false to weight the columns by the root mean square of their inputs instead.
    /// </summary>
    public bool UseBalancing { get; init; } = true;

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
    public IReadOnlyList<KeyValuePair<string, double>> ModuleTargetBits { get; init; } = [];

    /// <summary>Seed of the random start. Each layer draws from its own stream, made of the seed and its name.</summary>
    public int Seed { get; init; }

    /// <inheritdoc/>
    public override string Method => "DBF";

    /// <summary>False with balancing, which looks at weights alone.</summary>
    public override bool NeedsHessian => !UseBalancing;

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
