using System.Globalization;
using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// GPTQ (Frantar et al. 2022): rounds column by column and corrects the columns that follow for each rounding error, weighted
/// by the inputs' second moments.
/// </summary>
public sealed record GptqQuantizer : GridQuantizer
{
    private const string MlpKeyword = "mlp";

    /// <summary>Columns worked on before the rest of the matrix is brought up to date; changes speed, not the method.</summary>
    public int BlockSize { get; init; } = 128;

    /// <summary>Damping of the Hessian as a share of its mean diagonal.</summary>
    public double PercDamp { get; init; } = 0.01;

    /// <summary>True to quantize the columns with the largest inputs first (act-order, desc_act).</summary>
    public bool ActOrder { get; init; }

    /// <summary>
    /// True to fix each group's range before the first column is rounded, over columns in the model's order. With <see cref="ActOrder"/>
    /// the groups then stay where servers expect them (g_idx = i/g), so that the order costs nothing at inference.
    /// </summary>
    public bool StaticGroups { get; init; }

    /// <summary>True to weight the error that <see cref="GridQuantizer.Mse"/> minimises by each input's second moment over the calibration data.</summary>
    public bool WeightedMse { get; init; }

    /// <summary>
    /// Rounds that improve the result: scales by least squares for the codes, codes by coordinate descent for the scales; 0 for plain
    /// GPTQ.
    /// </summary>
    public int RefineIters { get; init; }

    /// <summary>
    /// Steps that move the scales and codes of the finished model towards the next-token distributions of the original (docs/adr/0037); 0 for
    /// none. Where a run does not say otherwise.
    /// </summary>
    public int TuneSteps { get; init; }

    /// <summary>True for grids centred on zero, which more servers run; false for grids fitted to each group's range.</summary>
    public bool Sym { get; init; } = true;

    /// <summary>Bits for layers whose name holds "mlp"; null for <see cref="GridQuantizer.WBits"/>.</summary>
    public int? MlpWBits { get; init; }

    /// <summary>Group size for layers whose name holds "mlp"; null for <see cref="GridQuantizer.GroupSize"/>.</summary>
    public int? MlpGroupSize { get; init; }

    /// <summary>Bits by part of a layer's name; the first part that the name holds wins, over <see cref="MlpWBits"/> too.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> ModuleWBits
    {
        get;
        init => field = ValueList<KeyValuePair<string, int>>.Of(value);
    } = ValueList<KeyValuePair<string, int>>.Empty;

    /// <inheritdoc/>
    public override string Method => "GPTQ";

    /// <inheritdoc/>
    public override bool NeedsHessian => true;

    /// <inheritdoc/>
    public override GroupScheme SchemeFor(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var isMlp = layer.Name.Contains(MlpKeyword, StringComparison.Ordinal);
        var bits = ModuleWBits
            .Where(rule => layer.Name.Contains(rule.Key, StringComparison.Ordinal))
            .Select(rule => (int?)rule.Value)
            .FirstOrDefault() ?? (isMlp ? MlpWBits : null) ?? WBits;
        return new GroupScheme(bits, (isMlp ? MlpGroupSize : null) ?? GroupSize, Sym);
    }

    internal override int StepsToTune => TuneSteps;

    internal override QuantizedWeight Quantize(LayerProblem problem, CancellationToken token) =>
        GptqSolver.Quantize(problem, this, token);

    internal override void Check(FaultList faults)
    {
        base.Check(faults);
        faults.Range(nameof(BlockSize), BlockSize, 1, 128);
        faults.Range(nameof(PercDamp), PercDamp, 0, 10);
        faults.Range(nameof(RefineIters), RefineIters, 0, 1000);
        faults.Range(nameof(TuneSteps), TuneSteps, 0, 100_000);
        if (WeightedMse && !Mse)
        {
            faults.Add(nameof(WeightedMse), $"weights the search of {nameof(Mse)}, which is off; set both");
        }

        if (MlpWBits is { } mlpBits)
        {
            faults.Range(nameof(MlpWBits), mlpBits, 2, 8);
        }

        if (MlpGroupSize is { } mlpGroup)
        {
            faults.GroupSize(nameof(MlpGroupSize), mlpGroup);
        }

        foreach (var (part, bits) in ModuleWBits)
        {
            faults.Range(string.Create(CultureInfo.InvariantCulture, $"{nameof(ModuleWBits)}[{part}]"), bits, 2, 8);
        }
    }
}
