using System.Globalization;

namespace OneComp.Benchmarks.Quality;

/// <summary>What one recipe gave over several seeds: means, and standard deviations over the seeds.</summary>
internal sealed record QualitySummary(
    string Recipe, double Target, int Seeds, double EffectiveBits, double Perplexity, double PerplexitySpread, double KLDivergence, double KLDivergenceSpread, double Top1Agreement)
{
    public static IReadOnlyList<QualitySummary> Of(IReadOnlyList<QualityRow> rows) =>
        [.. rows.GroupBy(row => (row.Recipe, row.Target)).Select(group => Of(group.Key.Recipe, group.Key.Target, [.. group]))];

    public static void Print(IReadOnlyList<QualitySummary> summaries)
    {
        Console.WriteLine($"{"over seeds",-44} {"target",6} {"seeds",5} {"eff. bits",9} {"perplexity",18} {"KL",18} {"top-1",7}");
        foreach (var summary in summaries)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Recipe,-44} {summary.Target,6:0.0} {summary.Seeds,5} {summary.EffectiveBits,9:0.000} {summary.Perplexity,10:0.000} ± {summary.PerplexitySpread,5:0.000} {summary.KLDivergence,9:0.0000} ± {summary.KLDivergenceSpread,6:0.0000} {summary.Top1Agreement,7:0.000}"));
        }
    }

    private static QualitySummary Of(string recipe, double target, IReadOnlyList<QualityRow> rows) => new(
        recipe,
        target,
        rows.Count,
        rows.Average(row => row.EffectiveBits),
        rows.Average(row => row.Perplexity),
        Deviation(rows, row => row.Perplexity),
        rows.Average(row => row.KLDivergence),
        Deviation(rows, row => row.KLDivergence),
        rows.Average(row => row.Top1Agreement));

    private static double Deviation(IReadOnlyList<QualityRow> rows, Func<QualityRow, double> value)
    {
        var mean = rows.Average(value);
        return rows.Count < 2 ? 0 : Math.Sqrt(rows.Sum(row => Math.Pow(value(row) - mean, 2)) / (rows.Count - 1));
    }
}
