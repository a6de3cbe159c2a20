using OneComp.Estimation;
using OneComp.Export;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Export;
using OneComp.Tests.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Estimation;

/// <summary>What is foretold of a folder against the folder that is then written.</summary>
public sealed class CheckpointForecastTests : IDisposable
{
    private const double Tolerance = 0.005;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tiny-llama", ExportFormat.Gptq, 3)]
    [InlineData("tiny-llama", ExportFormat.CompressedTensors, 4)]
    [InlineData("tiny-llama", ExportFormat.Gguf, 4)]
    [InlineData("tiny-llama", ExportFormat.Dequantized, 4)]
    [InlineData("qwen3-tied-bf16-sharded", ExportFormat.Gptq, 4)]
    [InlineData("qwen3-tied-bf16-sharded", ExportFormat.CompressedTensors, 3)]
    [InlineData("qwen3-tied-bf16-sharded", ExportFormat.Gguf, 8)]
    [InlineData("mistral-window", ExportFormat.Gptq, 8)]
    [InlineData("mistral-window", ExportFormat.CompressedTensors, 4)]
    [InlineData("llama3-rope", ExportFormat.Gguf, 3)]
    public void A_forecast_of_a_run_is_what_it_writes(string model, ExportFormat format, int bits) =>
        AssertForecast(model, format, new RtnQuantizer { WBits = bits, GroupSize = 32, Sym = true });

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("qwen2")]
    public void A_forecast_of_layers_that_differ_is_what_they_take(string model) => AssertForecast(model, ExportFormat.Gptq, new AutoBitQuantizer
    {
        Quantizers = [new RtnQuantizer { WBits = 8, Selection = new LayerSelection { IncludeLayerKeywords = ["down_proj"] } }, new RtnQuantizer { WBits = 2 }],
        AssignmentStrategy = AssignmentStrategy.Manual,
    });

    [Fact]
    public void A_forecast_of_factors_is_what_they_take() => AssertForecast("qwen2", ExportFormat.Gptq, new DbfQuantizer { TargetBits = 1.4, Iters = 1, UseBalancing = true, RefineIters = 0 });

    [Theory]
    [InlineData("tiny-llama", ExportFormat.Gptq)]
    [InlineData("tiny-llama", ExportFormat.CompressedTensors)]
    [InlineData("qwen3-tied-bf16-sharded", ExportFormat.Gptq)]
    [InlineData("qwen3-tied-bf16-sharded", ExportFormat.CompressedTensors)]
    [InlineData("mistral-window", ExportFormat.Gptq)]
    [InlineData("mistral-window", ExportFormat.CompressedTensors)]
    public void An_estimate_tells_the_checkpoint_of_a_plan_that_fills_its_budget(string model, ExportFormat format)
    {
        var source = Source(model);
        var options = new MemoryOptions { TotalVramGB = 1, ContextLength = 64, GroupSize = 32, Format = format };
        var estimate = MemoryEstimator.Estimate(ModelConfig.Load(source), options with { TotalVramGB = MemoryFor(source, options, 4) });
        Assert.Equal(4, estimate.TargetBit, 6);

        var quantizer = new AutoBitQuantizer
        {
            TargetBit = estimate.TargetBit,
            Quantizers = [.. new[] { 2, 3, 4, 8 }.Select(bits => Candidate(model, bits))],
            AssignmentStrategy = AssignmentStrategy.Ilp,
        };
        var written = Run(source, format, quantizer);

        Assert.InRange(estimate.CheckpointBytes!.Value / (double)written.CheckpointBytes, 1 - Tolerance, 1 + Tolerance);
    }

    // GPTQ's settings are as long in the record as the default's, which counts where a model is as small as these; round-to-nearest is faster.
    private static WeightQuantizer Candidate(string model, int bits) => model == "tiny-llama"
        ? new RtnQuantizer { WBits = bits, GroupSize = 32, Sym = true }
        : new GptqQuantizer { WBits = bits, GroupSize = 32 };

    private void AssertForecast(string model, ExportFormat format, Quantizer quantizer)
    {
        var source = Source(model);
        var forecast = Forecaster.Of(Options(source, quantizer), Export(source, format));
        Assert.False(Path.Exists(_folder.File("q")));

        var written = Run(source, format, quantizer);

        Assert.InRange(forecast.CheckpointBytes / (double)written.CheckpointBytes, 1 - Tolerance, 1 + Tolerance);
        Assert.Equal((written.EffectiveBits, written.Assignment.Count), (forecast.EffectiveBits, forecast.Layers));
    }

    // The memory at which so many bits fit: the target grows straight with it between whole bits.
    private static double MemoryFor(string source, MemoryOptions options, double bits)
    {
        var (low, high) = (0.0001, 1.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Fits(middle) < bits ? (middle, high) : (low, middle);
        }

        return high;

        double Fits(double memory)
        {
            try
            {
                return MemoryEstimator.Estimate(ModelConfig.Load(source), options with { TotalVramGB = memory }).TargetBit;
            }
            catch (EstimationException)
            {
                return 0;
            }
        }
    }

    private QuantizationResult Run(string source, ExportFormat format, Quantizer quantizer) => QuantizeAndExport.Run(Options(source, quantizer), Export(source, format));

    private QuantizationOptions Options(string source, Quantizer quantizer) => new()
    {
        Model = source,
        Quantizer = quantizer,
        Destination = _folder.File("q"),
        Device = "cpu",
        CalibrationPath = source == Repository.TinyLlama ? null : Path.Combine(source, "expected.safetensors"),
        TensorName = source == Repository.TinyLlama ? null : "input_ids",
        NumCalibrationSamples = 1,
    };

    private ExportOptions Export(string source, ExportFormat format) => new() { Model = source, Destination = _folder.File("q"), Format = format };

    private string Source(string model)
    {
        if (model == "tiny-llama")
        {
            return Repository.TinyLlama;
        }

        var folder = Directory.CreateDirectory(_folder.File("source")).FullName;
        foreach (var file in Directory.GetFiles(ModelFolders.Architecture(model)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        SmallTokenizer.Write(folder, byteLevel: !model.Contains("mistral", StringComparison.Ordinal));
        return folder;
    }
}
