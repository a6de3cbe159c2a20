using OneComp.Quantization.Grids;
using OneComp.Tests.Quantization.Gptq;

namespace OneComp.Tests.Quantization.Grids;

public class ShrinkSearchTests
{
    private static readonly string[] Kinds = ["normal", "on a grid", "positive", "few large", "mostly zero", "large", "small"];

    public static TheoryData<double, int, bool> Searches()
    {
        var data = new TheoryData<double, int, bool>();
        foreach (var norm in (double[])[0.5, 1, 1.5, 2, 2.4, 3, 4])
        {
            foreach (var bits in (int[])[2, 3, 4, 8])
            {
                data.Add(norm, bits, true);
                data.Add(norm, bits, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public void No_share_of_the_range_errs_less_than_the_one_that_was_found(double norm, int bits, bool symmetric)
    {
        var random = new Random(bits);
        foreach (var kind in Kinds)
        {
            foreach (var count in (int[])[1, 16, 53, 128, 300])
            {
                var weights = Weights(random, kind, count);
                float[] importance = random.Next(2) == 0 ? [] : [.. GptqSample.Normal(random, count, 1).Select(x => MathF.Abs(x) < 0.3f ? 0 : MathF.Exp(3 * x))];
                var search = new RangeSearch(new GroupScheme(bits, -1, symmetric), true, 200, norm);

                var found = Error(weights, importance, GroupRange.Find(weights, search, importance), search);

                var least = Enumerable.Range(0, search.Steps).Min(step => Error(weights, importance, Grid(weights, search.Share(step), search), search));
                Assert.True(found <= (least * (1 + 1e-4)) + 1e-30, $"{kind}, {count} weights, {importance.Length} importances: {found:g6} was found, {least:g6} is the least");
            }
        }
    }

    private static float[] Weights(Random random, string kind, int count) =>
    [
        .. GptqSample.Normal(random, count, 0.1).Select(w => kind switch
        {
            "on a grid" => MathF.Round(w * 40) / 40,
            "positive" => MathF.Abs(w),
            "few large" => random.Next(20) == 0 ? 30 * w : w,
            "mostly zero" => random.Next(10) == 0 ? w : 0,
            "large" => w * 1e4f,
            "small" => w * 1e-4f,
            _ => w,
        }),
    ];

    private static (float Scale, float Zero) Grid(float[] weights, float share, RangeSearch search)
    {
        var (min, max) = (MathF.Min(0, weights.Min()), MathF.Max(0, weights.Max()));
        if (search.Scheme.Symmetric)
        {
            max = MathF.Max(max, -min);
            min = -max;
        }

        (min, max) = min == 0 && max == 0 ? (-1, 1) : (min, max);
        return GroupRange.Grid(min * share, max * share, search);
    }

    /// <summary>Σ importance·|w - ŵ|^norm in float64.</summary>
    private static double Error(float[] weights, float[] importance, (float Scale, float Zero) grid, RangeSearch search)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var code = Math.Clamp(MathF.Round(weights[i] / grid.Scale) + grid.Zero, 0, search.Scheme.MaxCode);
            sum += (importance.Length == 0 ? 1 : importance[i]) * Math.Pow(Math.Abs(weights[i] - ((code - grid.Zero) * grid.Scale)), search.Norm);
        }

        return sum;
    }
}
