using OneComp.Quantization;
using static OneComp.Reports.NumberFormats;

namespace OneComp.Reports;

/// <summary>The figures of a plan, in the order to show them.</summary>
internal static class PlanFigures
{
    public static IReadOnlyList<ReportFigure> Of(AssignmentReport report, AssignmentSummary? plan)
    {
        var quantized = report.Rows.Where(AssignmentReport.IsQuantized);
        return
        [
            new("Model", report.Model, "folder or id of the model"),
            new("Strategy", plan?.Strategy, "how the plan was made"),
            new("TargetBit", plan?.TargetBit, "budget as given, bits per weight", TargetBits),
            new("EffectiveTargetBit", plan?.EffectiveTargetBit, "budget with scales and zero points, bits per weight", ExactBits),
            new("EffectiveBits", AssignmentReport.NumberOrNull(report.AverageEffectiveBits), "mean of the plan with scales and zero points, bits per weight", ExactBits),
            new("Bits", AssignmentReport.NumberOrNull(report.AverageBits), "mean of the plan's codes, bits per weight", ExactBits),
            new("Layers", (long)report.Rows.Count, "linear layers in the plan", Count),
            new("QuantizedLayers", (long)report.QuantizedLayers, "of these, quantized", Count),
            new("Parameters", report.Rows.Sum(row => row.Parameters), "weights of the layers", Count),
            new("QuantizedParameters", quantized.Sum(row => row.Parameters), "of these, quantized", Count),
            new("HalfPrecisionBytes", report.Rows.Sum(row => 2 * row.Parameters), "the layers at 16 bits a weight", Count),
            new("PlannedBytes", PlannedBytes(report.Rows), "the layers as planned, scales and zero points counted", Count),
            new("CheckpointBytes", plan?.CheckpointBytes, "all files of the saved model", Count),
            new("TotalError", AssignmentReport.NumberOrNull(report.Rows.Sum(row => row.Error)), "cost of the plan: sum over the layers", Cost),
            new("BitsUsed", plan?.BitsUsed, "bits on the disk, padding counted", Count),
            new("BitsLeft", plan?.BitsLeft, "bits of the budget that are left", Count),
            new("Solver", plan?.Solver, "what proved the plan"),
            new("ProvenGap", plan?.ProvenGap, "share by which another plan could cost less, at most", Gap),
            new("SolveSeconds", plan?.SolveTime?.TotalSeconds, "time of the solver, s", Seconds),
        ];
    }

    private static long? PlannedBytes(IReadOnlyList<LayerAssignment> rows)
    {
        var bytes = rows.Sum(row => row.Parameters * row.EffectiveBits / 8);
        return double.IsFinite(bytes) ? (long)Math.Ceiling(bytes) : null;
    }
}
