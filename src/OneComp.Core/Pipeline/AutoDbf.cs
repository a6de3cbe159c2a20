using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;

namespace OneComp.Pipeline;

/// <summary>
/// DBF where grids fail. Its target bits count signs alone, with scales on top, so that they are set as high as what a layer may
/// take on the disk allows: the budget stays a promise.
/// </summary>
internal sealed class AutoDbf(AutoBitQuantizer autoBit, int seed)
{
    private const long ScaleBits = 16;
    private const int Padding = 14; // two matrices of signs, each filled up to a whole byte

    /// <summary>True when all layers get DBF and nothing is to be solved.</summary>
    /// <param name="target">The budget in effective bits per weight.</param>
    /// <param name="layers">The layers.</param>
    public bool TakesAll(double target, IReadOnlyList<LinearLayer> layers) => autoBit.AutoDbf
        && (target <= autoBit.DbfThreshold || autoBit.Quantizers.All(candidate => target < EffectiveTarget.Mean(candidate, layers)));

    /// <summary>DBF for a layer that may take so many effective bits per weight.</summary>
    public PlannedLayer All(LinearLayer layer, double target) => new(layer, Within(layer, target, double.PositiveInfinity));

    /// <summary>The DBF of so many target bits.</summary>
    public DbfQuantizer Of(double bits)
    {
        var quantizer = new DbfQuantizer { TargetBits = bits, Seed = seed };
        return autoBit.DbfIters is { } iters ? quantizer with { Iters = iters } : quantizer;
    }

    /// <summary>The plan with its layers at or below the threshold in DBF at their raw bits, where the whole plan is at or below it.</summary>
    public IReadOnlyList<PlannedLayer> Replace(IReadOnlyList<PlannedLayer> plan) =>
        autoBit.AutoDbf && QuantizationPlan.EffectiveBitsOf(plan) <= autoBit.DbfThreshold
            ? [.. plan.Select(planned => planned.Scheme.EffectiveBits(planned.Layer) <= autoBit.DbfThreshold ? Replace(planned) : planned)]
            : plan;

    private PlannedLayer Replace(PlannedLayer planned)
    {
        var room = (double)StoredBits.Of(planned.Layer, planned.Scheme) / planned.Parameters;
        return new PlannedLayer(planned.Layer, Within(planned.Layer, room, planned.Scheme.Bits)) { Costs = planned.Costs };
    }

    /// <summary>The most signs that fit: k·(d_in + d_out) of them, and 16 bits for each of d_in + k + d_out scales.</summary>
    private DbfQuantizer Within(LinearLayer layer, double effectiveBits, double mostBits)
    {
        long sides = layer.InFeatures + layer.OutFeatures;
        var inner = Math.Floor(((effectiveBits * layer.WeightCount) - (ScaleBits * sides) - Padding) / (sides + ScaleBits));
        if (inner < 1)
        {
            throw new AssignmentException(AssignmentError.BudgetTooSmall, layer.Name, $"{layer.Name}: not even DBF of one inner feature fits in {effectiveBits:0.###} effective bits per weight; its scales alone take {(double)ScaleBits * sides / layer.WeightCount:0.###}. Raise -TargetBit, or exclude the layer.");
        }

        // Half a feature more than the whole number that is meant: the quantizer rounds down.
        var bits = Math.Min((inner + 0.5) * sides / layer.WeightCount, mostBits);
        return Of(bits);
    }
}
