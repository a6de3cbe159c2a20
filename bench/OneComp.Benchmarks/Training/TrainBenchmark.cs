using System.Diagnostics;
using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Training;

/// <summary>Makes the second model that `quality --model` looks at.</summary>
internal static class TrainBenchmark
{
    public static void Run(Arguments arguments)
    {
        var folder = arguments.Text("--folder", Path.Combine("bench", "models", "byte-qwen3"));
        var length = arguments.Whole("--length", 128);
        manual_seed(arguments.Whole("--seed", 1));
        ByteModel.Write(folder, arguments.Whole("--hidden", 128), arguments.Whole("--blocks", 4));
        using var trainer = new Trainer(folder, ComputeDevices.Parse(arguments.Text("--device", "cpu")));
        var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        Console.WriteLine($"{trainer.Count} parameters");
        trainer.Train(
            trainer.Encode(arguments.Text("--text", Path.Combine("examples", "data", "calibration.txt"))),
            arguments.Whole("--steps", 1400),
            arguments.Whole("--batch", 8),
            length,
            (step, loss) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step,6}  loss {loss:0.000}  {clock.Elapsed.TotalSeconds:0} s")));
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;
        var held = trainer.Measure(trainer.Encode(arguments.Text("--evaluation", Path.Combine("examples", "data", "held-out.txt"))), 128, length);
        trainer.Save(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"held-out loss {held:0.000} nats a byte, perplexity {Math.Exp(held):0.000}; {clock.Elapsed.TotalSeconds:0} s, {cpu.TotalSeconds:0} s of processor time; written to {folder}"));
    }
}
