using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;

namespace OneComp.Pipeline.Resuming;

/// <summary>What a layer gets.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Candidate">Index of the candidate; null for DBF that the plan put in.</param>
/// <param name="DbfBits">Target bits of that DBF; null where there is a candidate.</param>
/// <param name="Cost">Cost in the plan; null where none was rated.</param>
/// <param name="Costs">Cost of each candidate; null where none was rated.</param>
internal sealed record StoredChoice(string Layer, int? Candidate, double? DbfBits, double? Cost, IReadOnlyList<double>? Costs)
{
    public static StoredChoice Of(PlannedLayer planned, AutoBitQuantizer autoBit)
    {
        var index = autoBit.Quantizers.ToList().FindIndex(candidate => ReferenceEquals(candidate, planned.Quantizer));
        return new StoredChoice(
            planned.Layer.Name,
            index >= 0 ? index : null,
            index >= 0 ? null : ((DbfQuantizer)planned.Quantizer).TargetBits,
            double.IsNaN(planned.Cost) ? null : planned.Cost,
            planned.Costs?.Values);
    }
}
