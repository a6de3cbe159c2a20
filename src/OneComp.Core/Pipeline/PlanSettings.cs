using System.Globalization;
using OneComp.Calibration;
using OneComp.Quantization.AutoBit;

namespace OneComp.Pipeline;

/// <summary>The settings of a plan or run, as name and value for reports.</summary>
internal static class PlanSettings
{
    public static IReadOnlyList<KeyValuePair<string, string>> Of(PlanOptions options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        Add("Quantizer", options.Quantizer.Name);
        if (options.Quantizer is AutoBitQuantizer autoBit)
        {
            Add("Candidates", string.Join(", ", autoBit.Quantizers.Select(candidate => candidate.Name)));
            Add("Fused groups", autoBit.EnableFusedGroups ? "on" : "off");
            Add("DBF", autoBit.AutoDbf ? string.Create(CultureInfo.InvariantCulture, $"at {autoBit.DbfThreshold:0.###} effective bits or less") : "off");
            if (autoBit.Ratios.Count > 0 && autoBit.TargetBit is null)
            {
                Add("Ratios", string.Join(", ", autoBit.Ratios.Select(ratio => ratio.ToString("0.####", CultureInfo.InvariantCulture))));
            }

            Add("Cost", autoBit.AssignmentStrategy == AssignmentStrategy.Manual ? "none" : autoBit.EffectiveCostMetric.ToString());
            if (autoBit.NeedsCalibration)
            {
                Add("Rating windows", Number(autoBit.NumCalibSamples) + " x " + Number(autoBit.CalibSeqLen));
                if (autoBit.EffectiveCostMetric == CostMetric.ActivationAware)
                {
                    Add("Output curvature", autoBit.UseCurvatureB ? "on" : "off");
                }
            }
        }

        if (options is QuantizationOptions run)
        {
            Add("Calibration windows", (run.NumCalibrationSamples is { } samples ? Number(samples) : "default") + (run.MaxLength is { } length ? " x " + Number(length) : ""));
            Add("Error propagation", run.Qep is { } qep
                ? string.Create(CultureInfo.InvariantCulture, $"share {qep.PercCorr:0.###}, damping {qep.PercDamp:0.###}{(qep.ExcludeKeywords.Count > 0 ? ", not " + string.Join(", ", qep.ExcludeKeywords) : "")}")
                : "off");
            Add("Destination", run.Destination);
        }

        Add("Calibration text", options.CalibrationPath ?? DefaultText.Path);
        Add("Calibration strategy", options.CalibrationStrategy.ToString());
        Add("Seed", Number(options.Seed));
        return settings;

        void Add(string name, string value) => settings.Add(KeyValuePair.Create(name, value));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
