using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Grids;

public class GroupRangeTests
{
    private const int Rows = 6;

    public GroupRangeTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string, int, bool> Weights()
    {
        var data = new TheoryData<string, int, bool>();
        foreach (var kind in (string[])["normal", "zero", "some zero groups", "positive", "negative", "huge", "tiny", "one large", "below half of the least scale"])
        {
            foreach (var bits in (int[])[2, 3, 4, 8])
            {
                data.Add(kind, bits, true);
                data.Add(kind, bits, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Rows_and_whole_tensors_give_the_same_ranges(string kind, int bits, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var weight = WeightOf(kind, 75);
        var search = new RangeSearch(new GroupScheme(bits, 32, symmetric), false, 600, 2.4);

        var (scales, zeros) = GroupRanges.Find(weight, 32, search);
        var (tensorScales, tensorZeros) = GroupRanges.FindWithTorch(weight, 32, search);

        Assert.Equal(scales.data<float>().ToArray(), tensorScales.data<float>().ToArray());
        Assert.Equal(zeros.data<float>().ToArray(), tensorZeros.data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void A_searched_range_errs_no_more_than_the_whole_one_by_rows_and_by_tensors(string kind, int bits, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var weight = WeightOf(kind, 75);
        var scheme = new GroupScheme(bits, 32, symmetric);
        var search = new RangeSearch(scheme, true, 100, 2.4);

        var whole = Errors(weight, GroupRanges.Find(weight, 32, search with { Mse = false }), scheme);
        var byRows = Errors(weight, GroupRanges.Find(weight, 32, search), scheme);
        var byTensors = Errors(weight, GroupRanges.FindWithTorch(weight, 32, search), scheme);

        for (var i = 0; i < whole.Length; i++)
        {
            Assert.InRange(byRows[i], 0, whole[i] * (1 + 1e-4));
            Assert.InRange(byRows[i], byTensors[i] * (1 - 1e-4), byTensors[i] * (1 + 1e-4));
        }
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Scales_stay_positive_and_finite_in_float16_and_zero_points_fit_the_checkpoint(string kind, int bits, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var scheme = new GroupScheme(bits, 32, symmetric);
        var (scales, zeros) = GroupRanges.Find(WeightOf(kind, 75), 32, new RangeSearch(scheme, false, 600, 2.4));

        Assert.All(scales.data<float>().ToArray(), scale => Assert.True((Half)scale > (Half)0 && Half.IsFinite((Half)scale), $"scale {scale}"));
        Assert.All(zeros.data<float>().ToArray(), zero => Assert.True(zero >= 1 && zero <= scheme.MaxCode && zero == MathF.Round(zero), $"zero {zero}"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Search_and_no_search_agree_with_the_range_in_float64(int bits)
    {
        var random = new Random(bits);
        foreach (var symmetric in (bool[])[true, false])
        {
            foreach (var mse in (bool[])[true, false])
            {
                var group = GptqSample.Normal(random, 53, 0.1);
                var options = new OneComp.Quantization.Gptq.GptqQuantizer { WBits = bits, Sym = symmetric, Mse = mse };

                var (scale, zero) = GroupRange.Find(group, new RangeSearch(new GroupScheme(bits, -1, symmetric), mse, 600, 2.4));

                var expected = PlainGptq.Range([.. group.Select(w => (double)w)], options);
                Assert.Equal(expected.Zero, zero);
                Assert.InRange(scale / expected.Scale, 1 - 1e-6, 1 + 1e-6);
            }
        }
    }

    private static Tensor WeightOf(string kind, int columns)
    {
        var w = GptqSample.Normal(new Random(7), Rows * columns, 0.1);
        for (var i = 0; i < w.Length; i++)
        {
            w[i] = kind switch
            {
                "zero" => 0,
                "some zero groups" => i % columns is >= 32 and < 64 ? 0 : w[i],
                "positive" => MathF.Abs(w[i]),
                "negative" => -MathF.Abs(w[i]),
                "huge" => w[i] * 1e7f,
                "tiny" => w[i] * 1e-4f,
                "below half of the least scale" => w[i] * 1e-8f,
                "one large" => i % columns == 40 ? 30 : w[i],
                _ => w[i],
            };
        }

        return tensor(w).reshape(Rows, columns);
    }

    /// <summary>Σ|w - ŵ|^2.4 of each group, in float64.</summary>
    private static double[] Errors(Tensor weight, (Tensor Scales, Tensor Zeros) ranges, GroupScheme scheme)
    {
        var columns = (int)weight.shape[1];
        var groups = scheme.GroupCount(columns);
        var (w, scales, zeros) = (weight.data<float>().ToArray(), ranges.Scales.data<float>().ToArray(), ranges.Zeros.data<float>().ToArray());
        var errors = new double[Rows * groups];
        for (var i = 0; i < w.Length; i++)
        {
            var group = (i / columns * groups) + (i % columns / 32);
            var code = Math.Clamp(MathF.Round(w[i] / scales[group]) + zeros[group], 0, scheme.MaxCode);
            errors[group] += Math.Pow(Math.Abs(w[i] - ((code - zeros[group]) * scales[group])), 2.4);
        }

        return errors;
    }
}
