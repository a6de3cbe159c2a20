using System.Globalization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;

namespace OneComp.Quantization.AutoBit;

/// <summary>What can be wrong with the settings of AutoBit.</summary>
internal static class AutoBitChecks
{
    private const double RatioTolerance = 1e-6;

    /// <summary>Adds what is wrong.</summary>
    public static void Add(AutoBitQuantizer quantizer, FaultList faults)
    {
        if (quantizer.Quantizers.Count == 0)
        {
            faults.Add(nameof(AutoBitQuantizer.Quantizers), "is empty; leave it out for GPTQ at 2, 3, 4 and 8 bits");
        }

        if (quantizer.TargetBit is { } target)
        {
            faults.Range(nameof(AutoBitQuantizer.TargetBit), target, 0.1, 16);
        }
        else if (quantizer.AssignmentStrategy != AssignmentStrategy.Manual && quantizer.Ratios.Count == 0)
        {
            faults.Add(nameof(AutoBitQuantizer.TargetBit), $"is needed with the strategy {quantizer.AssignmentStrategy}, unless {nameof(AutoBitQuantizer.Ratios)} set the budget");
        }

        faults.Range(nameof(AutoBitQuantizer.NumCalibSamples), quantizer.NumCalibSamples, 1, 1_000_000);
        faults.Range(nameof(AutoBitQuantizer.CalibSeqLen), quantizer.CalibSeqLen, 2, 1_000_000);
        faults.Range(nameof(AutoBitQuantizer.DbfThreshold), quantizer.DbfThreshold, 0, 16);
        if (quantizer.DbfIters is { } iters)
        {
            faults.Range(nameof(AutoBitQuantizer.DbfIters), iters, 1, 1_000_000);
        }

        if (quantizer.SavePath is { } path && !Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(nameof(AutoBitQuantizer.SavePath), $"'{path}' does not end in .png, which the heatmap is");
        }

        Ratios(quantizer, faults);
        FusedGroups(quantizer, faults);
        Candidates(quantizer, faults);
    }

    private static void Ratios(AutoBitQuantizer quantizer, FaultList faults)
    {
        if (quantizer.Ratios.Count == 0)
        {
            return;
        }

        if (quantizer.Ratios.Count != quantizer.Quantizers.Count)
        {
            faults.Add(nameof(AutoBitQuantizer.Ratios), string.Create(CultureInfo.InvariantCulture, $"has {quantizer.Ratios.Count} shares for {quantizer.Quantizers.Count} candidates"));
        }

        foreach (var ratio in quantizer.Ratios)
        {
            faults.Range(nameof(AutoBitQuantizer.Ratios), ratio, 0, 1);
        }

        if (Math.Abs(quantizer.Ratios.Sum() - 1) > RatioTolerance)
        {
            faults.Add(nameof(AutoBitQuantizer.Ratios), string.Create(CultureInfo.InvariantCulture, $"sum to {quantizer.Ratios.Sum():0.######}, not to 1"));
        }
    }

    private static void FusedGroups(AutoBitQuantizer quantizer, FaultList faults)
    {
        foreach (var group in quantizer.FusedGroups)
        {
            if (group.Count < 2 || group.Any(string.IsNullOrEmpty))
            {
                faults.Add(nameof(AutoBitQuantizer.FusedGroups), $"[{string.Join(", ", group)}] is not a list of two or more module names (in PowerShell, one group alone is ,@('a', 'b'))");
            }
        }
    }

    private static void Candidates(AutoBitQuantizer quantizer, FaultList faults)
    {
        for (var i = 0; i < quantizer.Quantizers.Count; i++)
        {
            var candidate = quantizer.Quantizers[i];
            try
            {
                candidate.Validate();
            }
            catch (QuantizerOptionsException exception)
            {
                faults.Add($"{nameof(AutoBitQuantizer.Quantizers)}[{i}]", exception.Message.TrimEnd('.'));
                continue;
            }

            if (quantizer.AssignmentStrategy == AssignmentStrategy.Manual)
            {
                continue;
            }

            if (candidate is not (GptqQuantizer or RtnQuantizer))
            {
                faults.Add($"{nameof(AutoBitQuantizer.Quantizers)}[{i}]", $"{candidate.Name}: only GPTQ and RTN candidates are rated; use {candidate.Method} by {nameof(AutoBitQuantizer.AutoDbf)} or the strategy {AssignmentStrategy.Manual}");
            }
            else if (quantizer.EnableFusedGroups && !CanBeFused(candidate))
            {
                faults.Add(
                    $"{nameof(AutoBitQuantizer.Quantizers)}[{i}]",
                    $"{candidate.Name}: fused groups need GPTQ or RTN candidates of 2, 3, 4 or 8 bits; set {nameof(AutoBitQuantizer.EnableFusedGroups)} to false to use it");
            }
        }
    }

    private static bool CanBeFused(WeightQuantizer candidate) => candidate switch
    {
        GptqQuantizer gptq => CanBeFused(gptq.WBits) && CanBeFused(gptq.MlpWBits ?? gptq.WBits) && gptq.ModuleWBits.All(rule => CanBeFused(rule.Value)),
        RtnQuantizer rtn => CanBeFused(rtn.WBits),
        _ => false,
    };

    private static bool CanBeFused(int bits) => AutoBitQuantizer.FusableBits.Contains(bits);
}
