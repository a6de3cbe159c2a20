using System.Globalization;
using System.Text.RegularExpressions;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Quantization.Rtn;
using OneComp.Runtime;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>GPTQ against plain rounding of the same weight. It is greedy: on single rows of strongly correlated inputs it loses now and then.</summary>
public class RoundingCheckTests
{
    private const int Columns = 16;
    private const int MostSeeds = 2000;
    private const int ManyRows = 200; // of which a sample is looked at first
    private readonly Messages _messages = new();

    public RoundingCheckTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(8, true, true, 4)]
    [InlineData(8, true, false, 0)]
    [InlineData(-1, false, false, 0)]
    [InlineData(8, false, false, 0)]
    [InlineData(8, true, true, 4, ManyRows)]
    [InlineData(8, true, false, 0, ManyRows)]
    [InlineData(8, false, false, 0, ManyRows)]
    public void A_layer_that_would_be_worse_than_rounded_is_rounded(int groupSize, bool actOrder, bool staticGroups, int refineIters, int rows = 1)
    {
        var options = new GptqQuantizer { WBits = 2, GroupSize = groupSize, ActOrder = actOrder, StaticGroups = staticGroups, RefineIters = refineIters };
        var rounding = new RtnQuantizer { WBits = 2, GroupSize = groupSize, Sym = true };
        for (var seed = 0; seed < MostSeeds; seed++)
        {
            using var scope = NewDisposeScope();
            using var hessian = new LayerHessian(Columns, CPU, HessianType.Float32);
            var problem = Problem(seed, hessian, rows);
            var plain = (GroupedWeight)rounding.Quantize(problem, default);
            if (ErrorOf(GptqSolver.Quantize(problem, options, new GptqCpuLoop(), default).Quantized, problem) < 1.01 * ErrorOf(plain, problem))
            {
                continue;
            }

            var found = (GroupedWeight)options.Quantize(problem, default);
            Assert.True(found.Codes.equal(plain.Codes).all().item<bool>(), "not the codes of rounding");
            Assert.True(found.Scales.equal(plain.Scales).all().item<bool>(), "not the scales of rounding");
            Assert.Equal(plain.GroupIndex, found.GroupIndex);
            var warning = Assert.Single(_messages.Warnings);
            Assert.Contains(problem.Layer.Name, warning, StringComparison.Ordinal);
            var told = double.Parse(Regex.Match(warning, "rounding to nearest ([^;]*);").Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.Equal(ErrorOf(plain, problem), told, 1e-3 * told);
            return;
        }

        Assert.Fail($"no layer in {MostSeeds} on which GPTQ loses: the test has nothing to look at");
    }

    [Fact]
    public void A_layer_that_is_better_is_left_alone()
    {
        using var sample = new GptqSample(24, 256);
        var options = GptqPresets.Of(QuantizationPreset.Default) with { WBits = 3 };
        using var scope = NewDisposeScope();
        var plain = GptqSolver.Quantize(sample.Problem, options, new GptqCpuLoop(), default).Quantized;
        var found = (GroupedWeight)options.Quantize(sample.Problem with { Progress = _messages }, default);

        Assert.True(found.Codes.equal(plain.Codes).all().item<bool>());
        Assert.Empty(_messages.Warnings);
    }

    /// <summary>Equal rows of weights of like size, whose inputs are mixtures of a few.</summary>
    private LayerProblem Problem(int seed, LayerHessian hessian, int rows)
    {
        var random = new Random(seed);
        var sources = 1 + (seed % 4);
        var inputs = Tensor(random, 64, sources).matmul(Tensor(random, sources, Columns)).add_(Tensor(random, 64, Columns) * 0.1);
        hessian.Add(inputs);
        return new LayerProblem(GptqSample.Linear(rows, Columns), Tensor(random, 1, Columns).repeat(rows, 1), hessian, _messages);
    }

    private static Tensor Tensor(Random random, int rows, int columns) => tensor(GptqSample.Normal(random, rows * columns, 1)).reshape(rows, columns);

    private static double ErrorOf(GroupedWeight weight, LayerProblem problem) => LayerErrors.Of(problem.Weight, weight, problem.Hessian!).Output;
}
