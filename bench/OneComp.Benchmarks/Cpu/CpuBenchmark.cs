using System.Diagnostics;
using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Pipeline;
using OneComp.Quantization.Gptq;

namespace OneComp.Benchmarks.Cpu;

/// <summary>Quantizes tiny-llama on the CPU by the CPU loop and by the column-by-column tensor loop, on the same cores.</summary>
internal static class CpuBenchmark
{
    private static readonly (string Name, GptqQuantizer Options)[] Recipes =
    [
        ("4 bits, g128", new GptqQuantizer { WBits = 4 }),
        ("4 bits, g128, act-order, mse", new GptqQuantizer { WBits = 4, ActOrder = true, Mse = true }),
    ];

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    public static void Run(Arguments arguments)
    {
        Console.WriteLine($"{"recipe",-30} {"run s",8} {"loop s",8} {"tensor run s",12} {"tensor loop s",13} {"run ratio",9} {"loop ratio",10}");
        var rows = new List<CpuRow>();
        foreach (var (_, options) in Recipes)
        {
            Time(arguments, options, () => new GptqCpuLoop()); // the runtime compiles what it meets for the first time
        }

        foreach (var (name, options) in Recipes)
        {
            var (run, loop) = Time(arguments, options, () => new GptqCpuLoop());
            var (tensorRun, tensorLoop) = Time(arguments, options, () => new GptqTorchLoop());
            rows.Add(new CpuRow(name, run, loop, tensorRun, tensorLoop, tensorRun / run, tensorLoop / loop));
            Print(rows[^1]);
        }

        ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "cpu.json")), ResultFile.NameOf(TorchSharp.torch.CPU), rows);
    }

    private static (double Run, double Loop) Time(Arguments arguments, GptqQuantizer quantizer, Func<IGptqBlockLoop> make)
    {
        var destination = Path.Combine(Path.GetTempPath(), $"onecomp-cpu-{Guid.NewGuid():n}");
        var clock = new Stopwatch();
        GptqLoops.Override = () => new TimedLoop(make(), clock);
        try
        {
            var result = QuantizationRun.Run(new QuantizationOptions
            {
                Model = arguments.Text("--model", "examples/models/tiny-llama"),
                Quantizer = quantizer,
                Destination = destination,
                Device = "cpu",
                Qep = null,
                ResampleRounds = arguments.Whole("--rounds", 0),
                NumCalibrationSamples = arguments.Whole("--samples", 32),
                MaxLength = arguments.Whole("--length", 256),
            });
            return (result.Elapsed.TotalSeconds, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            GptqLoops.Override = null;
            if (Directory.Exists(destination))
            {
                Directory.Delete(destination, recursive: true);
            }
        }
    }

    private static void Print(CpuRow row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Recipe,-30} {row.RunSeconds,8:0.00} {row.LoopSeconds,8:0.000} {row.TensorRunSeconds,12:0.00} {row.TensorLoopSeconds,13:0.000} {row.RunRatio,9:0.0} {row.LoopRatio,10:0.0}"));
}
