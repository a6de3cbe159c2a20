using System.Globalization;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Reports;

namespace OneComp.Pipeline;

/// <summary>Writes the heatmap that a quantizer asks for with <see cref="AutoBitQuantizer.SavePath"/>.</summary>
internal static class PlanHeatmap
{
    /// <summary>Says early whether the pictures can be put there.</summary>
    /// <exception cref="ReportException">PathIsFolder or FolderNotFound.</exception>
    public static void Check(Quantizer quantizer)
    {
        if (quantizer is AutoBitQuantizer { SavePath: { } path })
        {
            ReportFile.CheckDestination(path, force: true);
        }
    }

    /// <summary>Writes a picture for each plan: <c>name.png</c>, or for several budgets <c>name-2.5bit.png</c>.</summary>
    /// <exception cref="ReportException">A file cannot be written.</exception>
    public static void Write(Quantizer quantizer, IReadOnlyList<QuantizationPlan> plans)
    {
        if (quantizer is not AutoBitQuantizer { SavePath: { } path })
        {
            return;
        }

        foreach (var plan in plans)
        {
            var file = plans.Count == 1 ? path : Path.ChangeExtension(path, null) + string.Create(CultureInfo.InvariantCulture, $"-{plan.Summary.TargetBit:0.###}bit.png");
            Heatmap.Write(file, new AssignmentReport(plan.Rows(plan.Summary)), force: true);
        }
    }
}
