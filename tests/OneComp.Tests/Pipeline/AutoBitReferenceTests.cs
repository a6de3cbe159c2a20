using System.Globalization;
using OneComp.Evaluation;
using OneComp.Pipeline;
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
        using var folder = new TemporaryFolder();
        QuantizationRun.Run(new QuantizationOptions
        {
            Model = Repository.TinyLlama,
            Quantizer = new AutoBitQuantizer
            {
                TargetBit = target,
                Quantizers = AutoBitQuantizer.CandidatesOf(QuantizationPreset.Reference),
                CostMetric = CostMetric.ActivationAware,
                NumCalibSamples = 32,
                CalibSeqLen = 256,
            },
            Destination = folder.File("q"),
            CalibrationPath = Reference.TensorFile,
            TensorName = "calibration_ids",
            NumCalibrationSamples = 32,
            MaxLength = 256,
            Device = "cpu",
            Qep = qep ? new ErrorPropagation { ExcludeKeywords = ["mlp.down_proj"] } : null,
        });
        var measured = PerplexityRun.Run(new PerplexityOptions { Model = folder.File("q"), Path = Reference.TensorFile, TensorName = "eval_ids", Device = "cpu" });

        var reference = Reference.Run(tag).GetProperty("ppl").GetDouble();
        Assert.True(measured.Perplexity <= reference * 1.015, string.Create(CultureInfo.InvariantCulture, $"perplexity {measured.Perplexity:0.000}, reference {reference:0.000}"));
    }
}
