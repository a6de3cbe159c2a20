using OneComp.Benchmarks.EndToEnd;
using OneComp.Benchmarks.Measuring;
using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Pipeline.Memory.Shortage;
using OneComp.Tuning;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>The jobs that memory is taken from: together they come through every phase that a GPU works in.</summary>
/// <param name="source">The generated model.</param>
/// <param name="device">Where to compute.</param>
/// <param name="arguments">Samples and length.</param>
internal sealed class ShortageJobs(string source, string device, Arguments arguments)
{
    private static readonly GptqQuantizer Four = new() { WBits = 4, GroupSize = 128 };

    /// <summary>The model.</summary>
    public string Source => source;

    /// <summary>A run into a destination.</summary>
    public QuantizationResult Run(ShortageJob job, string destination, bool resume, IProgress<RunEvent>? progress) => QuantizationRun.Run(Options(job, destination) with { Resume = resume }, progress);

    /// <summary>A measurement of a quantized folder.</summary>
    public double Measure(ShortageJob job, string quantized, IProgress<RunEvent>? progress) => job == ShortageJob.Perplexity
        ? PerplexityRun.Run(new PerplexityOptions { Model = quantized, Path = RandomModel.IdsPath(source), MaxLength = Length, Device = device }, progress).Loss
        : DivergenceRun.Run(new DivergenceOptions { Model = quantized, Reference = source, Path = RandomModel.IdsPath(source), MaxLength = Length, Device = device }, progress).KLDivergence;

    private int Length => arguments.Whole("--length", 512);

    private QuantizationOptions Options(ShortageJob job, string destination)
    {
        var uniform = new QuantizationOptions
        {
            Model = source,
            Quantizer = Four,
            Destination = destination,
            CalibrationPath = RandomModel.IdsPath(source),
            NumCalibrationSamples = arguments.Whole("--samples", 32),
            MaxLength = Length,
            Device = device,
            Qep = null,
            ResampleRounds = 0,
            Tuning = new TuningOptions { Steps = 2, WindowsPerStep = 8 },
        };
        return job == ShortageJob.Tune ? uniform : uniform with
        {
            Quantizer = new AutoBitQuantizer { TargetBit = 5, Quantizers = [Four, Four with { WBits = 8 }], NumCalibSamples = arguments.Whole("--samples", 32), CalibSeqLen = Length / 2 },
            Qep = new ErrorPropagation(),
            ResampleRounds = 1,
            Tuning = null,
        };
    }
}
