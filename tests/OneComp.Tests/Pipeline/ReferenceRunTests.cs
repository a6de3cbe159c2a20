using System.Globalization;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>Whole runs on tiny-llama against the Python reference's: weight error of every layer (with error propagation of all together), and perplexity.</summary>
public class ReferenceRunTests
{
    private const double WeightErrorTolerance = 0.01;
    private const double PerplexityTolerance = 1.015;

    [Theory]
    [InlineData("gptq4_g128_sym")]
    [InlineData("gptq3_g128_sym")]
    [InlineData("gptq3_pc_asym_act_mse")]
    [InlineData("gptq3_g128_act_mse")]
    [InlineData("gptq3_g128_sym_qep")]
    [InlineData("gptq2_g128_act_mse_qep")]
    [InlineData("rtn4_g128")]
    public void A_run_has_the_references_weight_errors_and_perplexity(string tag)
    {
        var propagates = tag.EndsWith("_qep", StringComparison.Ordinal);
        var run = ReferenceRun.Of(QuantizerOf(tag), propagates ? ReferenceRun.Qep : null);

        var reference = Reference.Run(tag);
        Assert.True(
            run.Perplexity <= reference.GetProperty("ppl").GetDouble() * PerplexityTolerance,
            string.Create(CultureInfo.InvariantCulture, $"perplexity {run.Perplexity:0.000}, reference {reference.GetProperty("ppl").GetDouble():0.000}"));
        var pairs = reference.GetProperty("weight_sq_err").EnumerateObject()
            .Select(expected => (Actual: run.Quantized.Assignment.Single(row => row.Layer == expected.Name).WeightError!.Value, Expected: expected.Value.GetDouble()));
        if (propagates)
        {
            // A code that float32 tips over moves every later layer's input and correction: single layers differ by up to 3 %, to both sides.
            pairs = [(pairs.Sum(pair => pair.Actual), pairs.Sum(pair => pair.Expected))];
        }

        Assert.All(pairs, pair => Assert.InRange(pair.Actual / pair.Expected, 1 - WeightErrorTolerance, 1 + WeightErrorTolerance));
    }

    private static WeightQuantizer QuantizerOf(string tag) => tag switch
    {
        "gptq4_g128_sym" => new GptqQuantizer { WBits = 4, CalcQuantError = true },
        "gptq3_g128_sym" => new GptqQuantizer { WBits = 3, CalcQuantError = true },
        "gptq3_pc_asym_act_mse" => new GptqQuantizer { WBits = 3, GroupSize = -1, Sym = false, ActOrder = true, Mse = true, CalcQuantError = true },
        "gptq3_g128_act_mse" => new GptqQuantizer { WBits = 3, ActOrder = true, Mse = true, CalcQuantError = true },
        "gptq3_g128_sym_qep" => new GptqQuantizer { WBits = 3, CalcQuantError = true },
        "gptq2_g128_act_mse_qep" => new GptqQuantizer { WBits = 2, ActOrder = true, Mse = true, CalcQuantError = true },
        "rtn4_g128" => new RtnQuantizer { WBits = 4, CalcQuantError = true },
        _ => throw new ArgumentException(tag),
    };
}
