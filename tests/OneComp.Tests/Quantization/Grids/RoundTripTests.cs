using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Quantization.Rtn;
using OneComp.Runtime;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Grids;

/// <summary>What quantizing may change, by bit width.</summary>
public class RoundTripTests
{
    private const int Rows = 5;
    private const int Columns = 96;
    private const int GroupSize = 32;

    public RoundTripTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<int> Bits => [2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Bits))]
    public void Rounding_gives_weights_back_that_lie_on_a_grid_already(int bits)
    {
        using var scope = NewDisposeScope();
        var weight = OnGrid(bits);
        using var quantized = Quantize(new RtnQuantizer { WBits = bits, GroupSize = GroupSize }, weight, null);
        Assert.Equal(weight.data<float>().ToArray(), quantized.Dequantize().data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Gptq_gives_weights_back_that_lie_on_a_grid_already(int bits)
    {
        using var scope = NewDisposeScope();
        using var sample = new GptqSample(1, Columns);
        var weight = OnGrid(bits);
        using var quantized = Quantize(new GptqQuantizer { WBits = bits, GroupSize = GroupSize, Sym = false }, weight, sample.Problem.Hessian);
        Assert.Equal(weight.data<float>().ToArray(), quantized.Dequantize().data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Rounding_errs_by_at_most_half_a_step(int bits)
    {
        using var scope = NewDisposeScope();
        var random = new Random(bits);
        var w = GptqSample.Normal(random, Rows * Columns, 0.1);
        foreach (var symmetric in (bool[])[true, false])
        {
            using var quantized = Quantize(new RtnQuantizer { WBits = bits, GroupSize = GroupSize, Sym = symmetric }, tensor(w).reshape(Rows, Columns), null);

            var maxCode = (1 << bits) - 1;
            var scales = quantized.Scales.to(ScalarType.Float32).data<float>().ToArray();
            var dequantized = quantized.Dequantize().data<float>().ToArray();
            for (var i = 0; i < w.Length; i++)
            {
                var scale = scales[(i / Columns * (Columns / GroupSize)) + (i % Columns / GroupSize)];
                var steps = Math.Abs(w[i] - dequantized[i]) / scale;
                Assert.InRange(steps, 0, 0.501 + (maxCode / 2048.0)); // a scale in float16 may fall short of the range by 2^-11
            }
        }
    }

    [Fact]
    public void Each_bit_more_divides_the_error_by_about_four()
    {
        using var scope = NewDisposeScope();
        var w = tensor(GptqSample.Normal(new Random(1), 64 * Columns, 0.1)).reshape(64, Columns);
        double[] errors = [.. Enumerable.Range(2, 7).Select(bits =>
        {
            using var quantized = Quantize(new RtnQuantizer { WBits = bits, GroupSize = GroupSize }, w, null);
            return quantized.Dequantize().sub_(w).pow_(2).sum(ScalarType.Float64).item<double>();
        })];

        Assert.All(errors.Zip(errors.Skip(1)), pair => Assert.InRange(pair.First / pair.Second, 3.5, 6.5));
    }

    private static GroupedWeight Quantize(WeightQuantizer quantizer, Tensor weight, LayerHessian? hessian)
    {
        var layer = GptqSample.Linear((int)weight.shape[0], (int)weight.shape[1]);
        return (GroupedWeight)quantizer.Quantize(new LayerProblem(layer, weight, hessian, null), default);
    }

    /// <summary>scale · (code - zero) with a float16 scale for each group, and both ends of the grid in use.</summary>
    private static Tensor OnGrid(int bits)
    {
        var random = new Random(bits);
        var maxCode = (1 << bits) - 1;
        var w = new float[Rows * Columns];
        for (var start = 0; start < w.Length; start += GroupSize)
        {
            var (scale, zero) = ((float)(Half)(0.01 + random.NextDouble()), random.Next(1, maxCode));
            for (var i = 0; i < GroupSize; i++)
            {
                var code = i switch { 3 => 0, 17 => maxCode, _ => random.Next(maxCode + 1) };
                w[start + i] = (code - zero) * scale;
            }
        }

        return tensor(w).reshape(Rows, Columns);
    }
}
