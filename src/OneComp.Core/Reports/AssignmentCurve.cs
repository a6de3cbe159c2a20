using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>Plans of one model for several budgets: what each bit more buys.</summary>
public sealed class AssignmentCurve
{
    /// <summary>Takes the rows of several plans that differ in their budgets.</summary>
    /// <param name="rows">Rows with their TargetBit, plan after plan.</param>
    /// <exception cref="ReportException">NoRows, MixedPlans or DuplicateLayer.</exception>
    public AssignmentCurve(IEnumerable<LayerAssignment> rows)
    {
        Rows = [.. rows];
        if (Rows.Count == 0)
        {
            throw new ReportException(ReportError.NoRows, null, "There is no row to report; pass the rows that Get-OneCompAssignment gives.");
        }

        if (!IsCurve(Rows))
        {
            throw new ReportException(ReportError.MixedPlans, null, "The rows are not those of one model for several budgets; export each plan to its own file.");
        }

        Plans = [.. Rows.GroupBy(row => row.TargetBit!.Value).OrderBy(plan => plan.Key).Select(plan => new AssignmentReport(plan))];
        Points = [.. Plans.Select(plan => CurvePoint.Of(plan, plan.Rows[0].TargetBit!.Value))];
    }

    /// <summary>The rows, as they came.</summary>
    public IReadOnlyList<LayerAssignment> Rows { get; }

    /// <summary>A report for each budget, the smallest first.</summary>
    public IReadOnlyList<AssignmentReport> Plans { get; }

    /// <summary>A point for each budget, the smallest first.</summary>
    public IReadOnlyList<CurvePoint> Points { get; }

    /// <summary>Folder of the model; null for rows without a plan.</summary>
    public string? Model => Plans[0].Model;

    /// <summary>True when the rows have two or more budgets and belong to one model, so that they make a curve.</summary>
    public static bool IsCurve(IReadOnlyList<LayerAssignment> rows) =>
        rows.All(row => row.TargetBit is not null)
        && rows.Select(row => row.TargetBit).Distinct().Skip(1).Any()
        && rows.Select(row => row.Plan?.Model).Distinct().Count() == 1;
}
