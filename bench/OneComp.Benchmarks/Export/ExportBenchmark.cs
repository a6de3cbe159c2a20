using System.Diagnostics;
using System.Security.Cryptography;
using OneComp.Benchmarks.Measuring;
using OneComp.Export;
using OneComp.Pipeline;
using OneComp.Quantization.Rtn;
using OneComp.Safetensors;

namespace OneComp.Benchmarks.Export;

/// <summary>Speed and memory of each export of a generated model, against a plain copy of the same bytes.</summary>
internal static class ExportBenchmark
{
    public static void Run(Arguments arguments)
    {
        var root = Directory.CreateTempSubdirectory("onecomp-export-").FullName;
        try
        {
            var (source, quantized) = (Path.Combine(root, "source"), Path.Combine(root, "q"));
            GeneratedModel.Write(source, arguments.Text("--tokenizer", Path.Combine("examples", "models", "tiny-llama")), arguments.Whole("--hidden", 2048), arguments.Whole("--intermediate", 5632), arguments.Whole("--layers", 8));
            QuantizationRun.Run(new QuantizationOptions { Model = source, Destination = quantized, Quantizer = new RtnQuantizer { WBits = 4, GroupSize = 128, Sym = true }, Device = "cpu" });
            var rows = Enum.GetValues<ExportFormat>().Select(format => Measure(quantized, root, format)).ToList();
            foreach (var row in rows)
            {
                Console.WriteLine(FormattableString.Invariant($"{row.Format,-18} {row.OutputBytes / 1e6,8:0} MB  {row.Seconds,6:0.00} s  {row.GigabytesPerSecond,5:0.00} GB/s  {row.CpuSeconds:0.00} CPU-s  hash {row.HashSeconds:0.00} s  copy {row.CopySeconds:0.00} s {row.CopyGigabytesPerSecond:0.00} GB/s {row.CopyCpuSeconds:0.00} CPU-s  peak {row.PeakBytes / 1e6:0} MB  largest tensor {row.LargestTensorBytes / 1e6:0} MB"));
            }

            ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "export.json")), $"{Environment.ProcessorCount} CPU threads", rows);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static ExportRow Measure(string quantized, string root, ExportFormat format)
    {
        var options = new ExportOptions { Model = quantized, Destination = Path.Combine(root, format.ToString()), Format = format, Force = true };
        using var memory = new PeakMemory();
        ExportRun.Run(options); // code and pages are warm then, as they are for the copy
        memory.Dispose();
        var before = Environment.CpuUsage.TotalTime;
        var result = ExportRun.Run(options);
        var cpu = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        before = Environment.CpuUsage.TotalTime;
        var copy = Copy(result.Model, Path.Combine(root, "copy"));
        var copyCpu = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        var seconds = result.Elapsed.TotalSeconds;
        var row = new ExportRow(
            format.ToString(), result.Bytes, seconds, result.Bytes / seconds / 1e9, cpu, Hash(result.Model), copy, result.Bytes / copy / 1e9, copyCpu, memory.Bytes,
            Math.Max(Largest(quantized), format == ExportFormat.Gguf ? 0 : Largest(result.Model)));
        Directory.Delete(result.Model, recursive: true);
        return row;
    }

    private static double Copy(string folder, string destination)
    {
        Directory.CreateDirectory(destination);
        var clock = Stopwatch.StartNew();
        foreach (var file in Directory.GetFiles(folder))
        {
            var copy = Path.Combine(destination, Path.GetFileName(file));
            File.Copy(file, copy);
            using var handle = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        Directory.Delete(destination, recursive: true);
        return seconds;
    }

    private static double Hash(string folder)
    {
        var clock = Stopwatch.StartNew();
        foreach (var file in Directory.GetFiles(folder))
        {
            using var stream = File.OpenRead(file);
            SHA256.HashData(stream);
        }

        return clock.Elapsed.TotalSeconds;
    }

    private static long Largest(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Tensors.Values.Max(tensor => tensor.ByteCount);
    }
}
