using System.Globalization;
using OneComp.Benchmarks.Layers;
using OneComp.Benchmarks.Measuring;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Accuracy;

/// <summary>
/// How near GPTQ in float32 comes to float64, by this engine's products with R and by the published ones with U; and how near float64
/// comes to itself when each weight is off by a rounding of float32: no method in float32 can be expected to do better.
/// </summary>
internal static class AccuracyBenchmark
{
    private const double FloatRounding = 1.0 / (1 << 24);
    private static readonly GptqQuantizer Plain = new() { WBits = 4, GroupSize = 128 };

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    public static void Run(Arguments arguments)
    {
        var (rows, columns) = (arguments.Whole("--rows", 256), arguments.Whole("--columns", 1024));
        using var noGrad = no_grad();
        Console.WriteLine($"{"tokens",8} {"method",-36} {"equal codes",11} {"weight error",13} {"output error",13}");
        var results = new List<AccuracyRow>();
        foreach (var tokens in (int[])[columns / 4, columns, 8 * columns])
        {
            results.AddRange(Compare(rows, columns, tokens));
        }

        ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "accuracy.json")), ResultFile.NameOf(CPU), results);
    }

    private static IEnumerable<AccuracyRow> Compare(int rows, int columns, int tokens)
    {
        using var scope = NewDisposeScope();
        using var hessian = LayerInputs.Hessian(columns, tokens, CPU);
        using var single = hessian.Matrix();
        using var exact = single.to(ScalarType.Float64);
        manual_seed(2);
        using var weight = randn(rows, columns).mul_(0.02);
        using var wide = weight.to(ScalarType.Float64);
        using var noise = randn(rows, columns, dtype: ScalarType.Float64).sign_().mul_(FloatRounding).add_(1);
        using var truth = PublishedGptq.Quantize(wide, exact, Plain);
        (string Name, Func<GroupedWeight> Make)[] methods =
        [
            ("float64, weights off by a rounding", () => PublishedGptq.Quantize(wide * noise, exact, Plain)),
            ("float32, published (U)", () => PublishedGptq.Quantize(weight, single, Plain)),
            ("float32, this engine (R)", () => GptqSolver.Quantize(new LayerProblem(GptqSample.Linear(rows, columns), weight, hessian, null), Plain, default)),
        ];
        foreach (var (name, make) in methods)
        {
            using var quantized = make();
            var (wanted, got) = (Errors(truth), Errors(quantized));
            var row = new AccuracyRow(
                tokens, name, quantized.Codes.eq(truth.Codes).to(ScalarType.Float64).mean().item<double>(), (got.Weight / wanted.Weight) - 1, (got.Output / wanted.Output) - 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tokens,8} {name,-36} {row.EqualCodes,11:0.00000} {row.WeightError,13:0.0e+00} {row.OutputError,13:0.0e+00}"));
            yield return row;
        }

        (double Weight, double Output) Errors(GroupedWeight quantized)
        {
            var difference = quantized.Dequantize().to(ScalarType.Float64).sub_(wide);
            return (difference.square().sum().item<double>(), difference.matmul(exact).mul_(difference).sum().item<double>());
        }
    }
}
