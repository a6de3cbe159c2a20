using System.Globalization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>AutoBit runs on tiny-llama with the reference's settings: perplexity within 1.5 % of the reference's, or lower.</summary>
public class AutoBitReferenceTests
{
    [Theory]
    [InlineData("autobit2.5_g128", 2.5, false)]
    [InlineData("autobit3.0_g128", 3.0, false)]
    [InlineData("autobit4.0_g128", 4.0, false)]
    [InlineData("autobit2.5_g128_qep", 2.5, true)]
    [InlineData("autobit3.0_g128_qep", 3.0, true)]
    [InlineData("autobit4.0_g128_qep", 4.0, true)]
    public void A_run_has_the_references_perplexity(string tag, double target, bool qep)
    {
        var quantizer = new AutoBitQuantizer
        {
            TargetBit = target,
            Quantizers = AutoBitQuantizer.CandidatesOf(QuantizationPreset.Reference),
            CostMetric = CostMetric.ActivationAware,
            NumCalibSamples = 32,
            CalibSeqLen = 256,
        };
        var run = ReferenceRun.Of(quantizer, qep ? ReferenceRun.Qep : null);

        var reference = Reference.Run(tag).GetProperty("ppl").GetDouble();
        Assert.True(run.Perplexity <= reference * 1.015, string.Create(CultureInfo.InvariantCulture, $"perplexity {run.Perplexity:0.000}, reference {reference:0.000}"));
    }
}
