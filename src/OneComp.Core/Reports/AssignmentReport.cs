using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>The rows of one plan with the figures that every report shows: the averages, the sizes and the budget.</summary>
public sealed class AssignmentReport
{
    private readonly AssignmentSummary? _plan;

    /// <summary>Takes the rows of one plan, or rows that were put together by hand.</summary>
    /// <param name="rows">One row a layer, in the model's order.</param>
    /// <exception cref="ReportException">NoRows, MixedPlans or DuplicateLayer.</exception>
    public AssignmentReport(IEnumerable<LayerAssignment> rows)
    {
        Rows = [.. rows];
        if (Rows.Count == 0)
        {
            throw new ReportException(
                ReportError.NoRows, null, "There is no row to report; pass the rows that Get-OneCompAssignment gives.");
        }

        _plan = PlanOf(Rows);
        RejectDuplicates(Rows);
        Grid = new HeatmapGrid(Rows);
    }

    /// <summary>The rows, as they came.</summary>
    public IReadOnlyList<LayerAssignment> Rows { get; }

    /// <summary>The rows as a grid of blocks and modules.</summary>
    public HeatmapGrid Grid { get; }

    /// <summary>Layers that are quantized.</summary>
    public int QuantizedLayers => Rows.Count(IsQuantized);

    /// <summary>Mean bits of a code over the quantized weights (over all, where no layer is quantized).</summary>
    public double AverageBits => Average(row => row.Bits);

    /// <summary>The same mean with scales and zero points counted.</summary>
    public double AverageEffectiveBits => Average(row => row.EffectiveBits);

    /// <summary>Folder of the model; null for rows without a plan.</summary>
    public string? Model => _plan?.Model;

    /// <summary>The figures, in the order to show them.</summary>
    public IReadOnlyList<ReportFigure> Figures => PlanFigures.Of(this, _plan);

    /// <summary>Settings of the run, in the order to show them; empty for rows without a plan.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings => _plan?.Settings ?? [];

    /// <summary>What each candidate would cost in all layers; empty for rows without a plan.</summary>
    internal IReadOnlyList<CandidateTotal> Candidates => _plan?.Candidates ?? [];

    /// <summary>A number that a text file or a cell can hold; null for NaN and infinities.</summary>
    internal static object? NumberOrNull(double value) => double.IsFinite(value) ? value : null;

    internal static bool IsQuantized(LayerAssignment row) => row.Quantizer.Length > 0;

    private double Average(Func<LayerAssignment, double> bits)
    {
        var rows = QuantizedLayers > 0 ? Rows.Where(IsQuantized) : Rows;
        double weights = 0, sum = 0;
        foreach (var row in rows)
        {
            weights += row.Parameters;
            sum += row.Parameters * bits(row);
        }

        return sum / weights;
    }

    private static AssignmentSummary? PlanOf(IReadOnlyList<LayerAssignment> rows)
    {
        var plans = rows.Select(row => row.Plan)
            .Distinct<AssignmentSummary?>(ReferenceEqualityComparer.Instance).Take(2).ToList();
        if (plans.Count > 1)
        {
            string names = string.Join(" and ", plans.Select(
                plan => plan is null ? "none (rows made by hand)" : $"'{plan.Strategy}' of '{plan.Model}'"));
            throw new ReportException(
                ReportError.MixedPlans, null, $"The rows come from more than one plan: {names}. Export each plan to its own file.");
        }

        return plans[0];
    }

    private static void RejectDuplicates(IReadOnlyList<LayerAssignment> rows)
    {
        var seen = new HashSet<(int Block, string Name)>();
        foreach (var row in rows)
        {
            if (!seen.Add((row.Block, row.Block < 0 ? row.Layer : row.Module)))
            {
                throw new ReportException(
                    ReportError.DuplicateLayer, row.Layer,
                    $"More than one row is for '{row.Layer}' (block {row.Block}, {row.Module}); pass one row a layer.");
            }
        }
    }
}
