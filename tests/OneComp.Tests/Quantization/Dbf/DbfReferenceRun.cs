using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Quantization.Dbf;
using OneComp.Tests.Support;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>A whole run over tiny-llama on the reference's calibration ids, without error propagation as in the reference's DBF run.</summary>
/// <param name="Quantized">What the run reported.</param>
/// <param name="Perplexity">Of the result, on the reference's evaluation ids.</param>
internal sealed record DbfReferenceRun(QuantizationResult Quantized, double Perplexity)
{
    public static DbfReferenceRun Of(DbfQuantizer quantizer)
    {
        using var folder = new TemporaryFolder();
        var quantized = QuantizationRun.Run(new QuantizationOptions
        {
            Model = Repository.TinyLlama,
            Quantizer = quantizer,
            Destination = folder.File("q"),
            CalibrationPath = Reference.TensorFile,
            TensorName = "calibration_ids",
            NumCalibrationSamples = 32,
            MaxLength = 256,
            Qep = null,
            Device = "cpu",
        });
        var measured = PerplexityRun.Run(new PerplexityOptions { Model = folder.File("q"), Path = Reference.TensorFile, TensorName = "eval_ids", Device = "cpu" });
        return new DbfReferenceRun(quantized, measured.Perplexity);
    }
}
