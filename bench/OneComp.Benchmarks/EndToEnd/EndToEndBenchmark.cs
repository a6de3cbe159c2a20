using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Quantization.Gptq;
using OneComp.Runtime;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>Quantizes random weights of Llama-3-8B's shape: seconds by phase, and how close the run comes to its products alone.</summary>
internal static class EndToEndBenchmark
{
    private const double Tera = 1e12;
    private const double Giga = 1e9;
    private static readonly GptqQuantizer Quantizer = new() { WBits = 4, GroupSize = 128 };

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    public static void Run(Arguments arguments)
    {
        if (arguments.Has("--devices"))
        {
            SharedBenchmark.Run(arguments);
            return;
        }

        var device = ComputeDevices.Parse(arguments.Text("--device", "auto"));
        var folder = arguments.Text("--folder", Path.Combine(Path.GetTempPath(), $"onecomp-e2e-{Guid.NewGuid():n}"));
        try
        {
            var source = Path.Combine(folder, "model");
            RandomModel.Write(source, arguments, device);
            var rates = Rates.Measure(device);
            using var watch = new FreeMemoryWatch(device);
            Job(source, Path.Combine(folder, "first"), device.ToString(), qep: false, arguments); // loads libraries and kernels
            var clock = new PhaseClock(device);
            PhasedRun.Run(source, Path.Combine(folder, "phases"), Quantizer, device, clock, arguments.Has("--unguarded") ? null : new NumericGuard(source, arguments.Whole("--samples", 128), null));
            var seconds = Job(source, Path.Combine(folder, "run"), device.ToString(), qep: false, arguments).Elapsed.TotalSeconds;
            var peak = watch.PeakBytes / Giga;
            var statistics = StatisticsPass.Seconds(source, device);
            var result = Result(source, arguments, rates, clock, seconds, statistics, peak, watch.PeakBytes / Giga);
            Print(result, ResultFile.NameOf(device));
            if (arguments.Has("--stops"))
            {
                StopCheck.Run(device, token => Job(source, Path.Combine(folder, "stopped"), device.ToString(), qep: true, arguments, token));
            }

            ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "e2e.json")), ResultFile.NameOf(device), result);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>The whole job as a user starts it.</summary>
    internal static QuantizationResult Job(string source, string destination, string devices, bool qep, Arguments arguments, CancellationToken token = default) => QuantizationRun.Run(new QuantizationOptions
    {
        Model = source,
        Quantizer = arguments.Has("--preset") ? GptqPresets.Of(Enum.Parse<QuantizationPreset>(arguments.Text("--preset", ""), ignoreCase: true)) with { TuneSteps = 0 } : Quantizer,
        Destination = destination,
        CalibrationPath = RandomModel.IdsPath(source),
        Device = devices,
        MaxGpuMemoryGB = arguments.Has("--max-gpu-memory") ? double.Parse(arguments.Text("--max-gpu-memory", ""), CultureInfo.InvariantCulture) : null,
        NumCalibrationSamples = arguments.Whole("--samples", 128),
        MaxLength = arguments.Whole("--length", 2048),
        Qep = qep ? new ErrorPropagation() : null,
        ResampleRounds = 0,
        Force = true,
    }, arguments.Text("--timeline", "no") == "yes" ? new Timeline() : new ToConsole(), token);

    private static EndToEndResult Result(string source, Arguments arguments, Rates rates, PhaseClock clock, double run, double statistics, double peak, double statisticsPeak)
    {
        using var model = ModelFolder.OpenSource(source);
        var (blocks, length) = (model.Config.NumLayers, arguments.Whole("--length", 2048));
        long tokens = (long)arguments.Whole("--samples", 128) * length;
        var layers = model.Topology.Layers.Where(layer => layer.Block >= 0).ToList();
        var attention = 2.0 * tokens * length * model.Config.HiddenSize * blocks; // two products, half of them masked
        var forward = (2.0 * tokens * layers.Sum(layer => layer.WeightCount)) + attention;
        var gram = 2.0 * tokens * layers.GroupBy(layer => (layer.Block, layer.Stage)).Sum(stage => Math.Pow(stage.First().InFeatures, 2));
        var loaded = layers.Sum(layer => layer.WeightCount) * 2 / Giga;
        var saved = layers.Sum(layer => layer.WeightCount) * Quantizer.WBits / 8.0 / Giga;
        PhaseRow[] phases =
        [
            new(PhasedRun.Load, clock.Seconds(PhasedRun.Load), loaded, "GB", 0),
            new(PhasedRun.Forward, clock.Seconds(PhasedRun.Forward), forward / Tera, "TFLOP", forward / rates.HalfPrecision),
            new(PhasedRun.Gram, clock.Seconds(PhasedRun.Gram), gram / Tera, "TFLOP", gram / rates.Gram),
            new(PhasedRun.Factor, clock.Seconds(PhasedRun.Factor), 0, "", 0),
            new(PhasedRun.Quantize, clock.Seconds(PhasedRun.Quantize), 0, "", 0),
            new(PhasedRun.Save, clock.Seconds(PhasedRun.Save), saved, "GB", 0),
            new(PhasedRun.Copy, clock.Seconds(PhasedRun.Copy), 0, "", 0),
            new("embed", clock.Seconds("embed"), 0, "", 0),
        ];
        var bound = phases.Sum(phase => phase.BoundSeconds);
        var head = 2.0 * tokens * model.Config.HiddenSize * model.Config.VocabularySize;
        var statisticsBound = 2 * (forward + head) / rates.HalfPrecision; // forward, and as much for the gradients of the inputs
        return new EndToEndResult(blocks, tokens, rates, phases, clock.Total, bound, run, bound / run, statistics, statisticsBound, statisticsBound / statistics, peak, statisticsPeak);
    }

    private static void Print(EndToEndResult result, string device)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{device}; {result.Blocks} blocks, {result.Tokens} tokens; large products: {result.Rates.HalfPrecision / Tera:0} TFLOP/s in half precision, {result.Rates.Gram / Tera:0} for Gram matrices"));
        Console.WriteLine($"{"phase",-14} {"seconds",9} {"of run",7} {"rate",9} {"unit",-8} {"bound s",8} {"share",6}");
        foreach (var phase in result.Phases)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{phase.Phase,-14} {phase.Seconds,9:0.000} {phase.Seconds / result.PhaseSeconds,7:0.0%} {phase.Rate,9:0.0} {(phase.Unit.Length == 0 ? "" : phase.Unit + "/s"),-8} {phase.BoundSeconds,8:0.000} {phase.ShareOfBound,6:0.00}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"phases {result.PhaseSeconds:0.00} s; whole run {result.RunSeconds:0.00} s, bound {result.BoundSeconds:0.00} s, share {result.RunShareOfBound:0.00}; peak memory {result.PeakGigabytes:0.0} GB"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"statistics pass {result.StatisticsSeconds:0.00} s, bound {result.StatisticsBoundSeconds:0.00} s, share {result.StatisticsShareOfBound:0.00}; peak memory with it {result.StatisticsPeakGigabytes:0.0} GB"));
    }
}
