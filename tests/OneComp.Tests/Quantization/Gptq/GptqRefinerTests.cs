using OneComp.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>Refinement: least-squares scales and coordinate descent over codes.</summary>
public class GptqRefinerTests
{
    private const double PercDamp = 0.01;

    public static TheoryData<string> Names => ["symmetric", "asymmetric", "act-order", "static", "per channel", "ragged groups", "dead columns"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_round_lowers_the_output_error(string name)
    {
        using var sample = Sample(name);
        var options = Options(name);
        var errors = new[] { 0, 1, 2, 6 }.Select(rounds =>
        {
            using var quantized = sample.Quantize(options with { RefineIters = rounds });
            using var weight = quantized.Dequantize();
            return sample.OutputError(weight);
        }).ToArray();

        Assert.True(errors[1] < errors[0] * 0.999, $"one round: {errors[1]} after {errors[0]}");
        Assert.True(errors[2] <= errors[1] * 1.001, $"two rounds: {errors[2]} after {errors[1]}"); // damping and float16 scales leave that much
        Assert.True(errors[3] <= errors[2] * 1.001, $"six rounds: {errors[3]} after {errors[2]}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Codes_stay_on_the_grid_and_zero_points_and_groups_as_they_are(string name)
    {
        using var sample = Sample(name);
        var options = Options(name);
        using var plain = sample.Quantize(options);
        using var refined = sample.Quantize(options with { RefineIters = 3 });

        Assert.True(refined.Codes.data<byte>().ToArray().Max() <= options.SchemeFor(sample.Layer).MaxCode);
        Assert.Equal(plain.Zeros.data<byte>().ToArray(), refined.Zeros.data<byte>().ToArray());
        Assert.Equal(plain.GroupIndex, refined.GroupIndex);
        Assert.Equal(ScalarType.Float16, refined.Scales.dtype);
    }

    [Fact]
    public void A_sweep_leaves_no_code_that_one_step_would_better()
    {
        using var scope = NewDisposeScope();
        using var sample = new GptqSample(6, 48);
        using var quantized = sample.Quantize(new GptqQuantizer { WBits = 3, GroupSize = 16, RefineIters = 60 });
        using var start = quantized.Dequantize();
        var least = sample.OutputError(start);
        var step = quantized.Scales.to(ScalarType.Float32);
        foreach (var (row, column, sign) in from row in Enumerable.Range(0, 6) from column in Enumerable.Range(0, 48) from sign in (int[])[-1, 1] select (row, column, sign))
        {
            var code = quantized.Codes[row, column].item<byte>() + sign;
            if (code is < 0 or > 7)
            {
                continue;
            }

            using var moved = start.clone();
            moved[row, column] += step[row, column / 16] * sign;
            Assert.True(sample.OutputError(moved) >= least * (1 - (2 * PercDamp)), $"code {row}, {column} by {sign}");
        }
    }

    [Theory]
    [InlineData(8, 96, 32)]
    [InlineData(5, 100, 48)]
    [InlineData(4, 64, 64)]
    public void Scales_solve_the_normal_equations(int rows, int columns, int groupLength)
    {
        using var scope = NewDisposeScope();
        using var sample = new GptqSample(rows, columns);
        var hessian = sample.Problem.Hessian!.Matrix();
        var weight = sample.Problem.Weight;
        using var quantized = sample.Quantize(new GptqQuantizer { WBits = 4, GroupSize = groupLength });
        var centred = quantized.Codes.to(ScalarType.Float32) - 8;
        var scales = GroupScaleFit.Of(weight.matmul(hessian), hessian, centred, quantized.Scales.to(ScalarType.Float32), groupLength);

        // The slope of the error over each scale, in units of the slope's parts.
        var group = arange(columns, dtype: ScalarType.Int64).div(groupLength, RoundingMode.floor);
        var difference = weight - (centred * scales.index_select(1, group));
        var slopes = difference.matmul(hessian).mul(centred);
        var size = weight.matmul(hessian).mul(centred).abs().sum().item<float>() / scales.numel();
        foreach (var g in Enumerable.Range(0, (int)scales.shape[1]))
        {
            var slope = slopes.index_select(1, group.eq(g).nonzero().flatten()).sum(dim: 1).abs().max().item<float>();
            Assert.True(slope < size * 1e-3, $"slope {slope} of group {g}, parts {size}");
        }
    }

    [Fact]
    public void The_tensor_sweep_equals_the_cpu_sweep()
    {
        using var scope = NewDisposeScope();
        using var sample = new GptqSample(16, 300);
        using var quantized = sample.Quantize(new GptqQuantizer { WBits = 2, GroupSize = 64, Sym = false });
        var hessian = sample.Problem.Hessian!.Matrix();
        hessian.diagonal().add_(hessian.diagonal().mean() * PercDamp);
        var group = arange(300, dtype: ScalarType.Int64).div(64, RoundingMode.floor);
        var scales = quantized.Scales.to(ScalarType.Float32).index_select(1, group).contiguous();
        var zeros = quantized.Zeros.to(ScalarType.Float32).index_select(1, group).contiguous();
        var (first, second) = (quantized.Codes.to(ScalarType.Float32), quantized.Codes.to(ScalarType.Float32));
        CodeDescent.Sweep(Gradient(first), hessian, first, scales, zeros, 3);
        CodeDescent.SweepWithTorch(Gradient(second), hessian, second, scales, zeros, 3);

        Assert.True(first.ne(quantized.Codes).sum().item<long>() > 20, "the sweep changed next to nothing: the sample shows nothing");
        Assert.InRange(first.ne(second).sum().item<long>(), 0, 16 * 300 / 500);

        Tensor Gradient(Tensor codes) => (sample.Problem.Weight - ((codes - zeros) * scales)).matmul(hessian).contiguous();
    }

    private static GptqSample Sample(string name) => name == "dead columns" ? new GptqSample(12, 160, 9) : new GptqSample(12, 160);

    private static GptqQuantizer Options(string name)
    {
        var plain = new GptqQuantizer { WBits = 3, GroupSize = 32, PercDamp = PercDamp };
        return name switch
        {
            "asymmetric" or "dead columns" => plain with { Sym = false },
            "act-order" => plain with { ActOrder = true, Sym = false, Mse = true },
            "static" => plain with { ActOrder = true, StaticGroups = true, Mse = true },
            "per channel" => plain with { GroupSize = -1 },
            "ragged groups" => plain with { GroupSize = 48 },
            _ => plain,
        };
    }
}
