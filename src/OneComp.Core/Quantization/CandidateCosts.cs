using System.Globalization;

namespace OneComp.Quantization;

/// <summary>What each candidate costs for one layer, as a text that survives tables and hand editing.</summary>
internal sealed class CandidateCosts(IReadOnlyList<KeyValuePair<string, double>> costs)
{
    private const string Separator = "; ";

    /// <summary>The costs in the candidates' order.</summary>
    public IReadOnlyList<double> Values => [.. costs.Select(cost => cost.Value)];

    /// <summary>A cost for each candidate, in order.</summary>
    public static CandidateCosts Of(IReadOnlyList<WeightQuantizer> candidates, IReadOnlyList<double> values) =>
        new([.. candidates.Select((candidate, k) => KeyValuePair.Create(candidate.Name, values[k]))]);

    /// <summary><c>name=cost; name=cost</c>, each cost with as many digits as it takes to read it back.</summary>
    public override string ToString() => string.Join(
        Separator, costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Key}={cost.Value:R}")));

    /// <summary>The cost of a candidate; NaN where it has none.</summary>
    public double Of(string candidate)
    {
        foreach (var (name, cost) in costs)
        {
            if (name == candidate)
            {
                return cost;
            }
        }

        return double.NaN;
    }

    /// <summary>The cost of a candidate in such a text; NaN where it has none.</summary>
    public static double Find(string? text, string candidate)
    {
        foreach (var part in (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.LastIndexOf('=');
            if (at > 0 && part[..at] == candidate && double.TryParse(part[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var cost))
            {
                return cost;
            }
        }

        return double.NaN;
    }
}
