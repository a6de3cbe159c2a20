using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Quantization;

namespace OneComp.Tests.Support;

/// <summary>A whole run over tiny-llama as the Python reference made its own: calibrated and measured on its token ids, on the CPU.</summary>
/// <param name="Quantized">What the run reported.</param>
/// <param name="Perplexity">Of the result, on the reference's evaluation ids.</param>
internal sealed record ReferenceRun(QuantizationResult Quantized, double Perplexity)
{
    /// <summary>Error propagation as the reference has it.</summary>
    public static ErrorPropagation Qep { get; } = new() { ExcludeKeywords = ["mlp.down_proj"] };

    public static ReferenceRun Of(Quantizer quantizer, ErrorPropagation? qep = null)
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
            Qep = qep,
            ResampleRounds = 0,
            Device = "cpu",
        });
        var measured = PerplexityRun.Run(new PerplexityOptions { Model = folder.File("q"), Path = Reference.TensorFile, TensorName = "eval_ids", Device = "cpu" });
        return new ReferenceRun(quantized, measured.Perplexity);
    }
}
