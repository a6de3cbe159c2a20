using System.Security.Cryptography;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline.Resuming;

/// <summary>Runs over one small model that are stopped and go on, to be compared with one that was never stopped.</summary>
internal sealed class StoppedRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _kept = new();

    public StoppedRun()
    {
        SmallModel.Write(Source);
        SmallModel.WriteIds(Ids);
    }

    public static GptqQuantizer Gptq { get; } = new() { WBits = 4, GroupSize = 32, CalcQuantError = true };

    /// <summary>Three candidates within a budget, rated by quantizing.</summary>
    public static AutoBitQuantizer AutoBit { get; } = new()
    {
        TargetBit = 3,
        Quantizers = [new GptqQuantizer { WBits = 2, GroupSize = 32 }, new GptqQuantizer { WBits = 3, GroupSize = 32 }, new GptqQuantizer { WBits = 4, GroupSize = 32 }],
        NumCalibSamples = 2,
        CalibSeqLen = 32,
    };

    public string Source => _folder.File("model");

    public string Ids => _folder.File("ids.safetensors");

    public string Destination => _folder.File("q");

    public string RunFolder => OneComp.Pipeline.Resuming.RunFolder.PathOf(Destination);

    public IEnumerable<string?> Entries => Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    public string File(string name) => _folder.File(name);

    public void Dispose()
    {
        _folder.Dispose();
        _kept.Dispose();
    }

    /// <summary>Keeps the files as they are now.</summary>
    public void Keep() => CopyFolder(_folder.Path, Kept);

    /// <summary>Brings the files back as they were kept, times and all.</summary>
    public void Restore()
    {
        foreach (var entry in Directory.GetFileSystemEntries(_folder.Path))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                System.IO.File.Delete(entry);
            }
        }

        CopyFolder(Kept, _folder.Path);
    }

    private string Kept => _kept.File("kept");

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var path in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(destination, Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(path, copy);
            System.IO.File.SetLastWriteTimeUtc(copy, System.IO.File.GetLastWriteTimeUtc(path));
        }
    }

    public QuantizationOptions Options(Quantizer quantizer) => new()
    {
        Model = Source,
        Quantizer = quantizer,
        Destination = Destination,
        CalibrationPath = Ids,
        NumCalibrationSamples = 40,
        MaxLength = 32,
        Device = "cpu",
        StatesShare = double.MaxValue, // after every block: by default it hangs on how fast the machine is
    };

    /// <summary>Runs to the end and gives the hash of each file but run.json; the destination is gone afterwards.</summary>
    public SortedDictionary<string, string> Run(QuantizationOptions options, IProgress<RunEvent>? progress = null)
    {
        QuantizationRun.Run(options, progress);
        Assert.Equal(["ids.safetensors", "model", "q"], Entries);
        var files = Directory.GetFiles(Destination)
            .Where(path => Path.GetFileName(path) != "run.json")
            .ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(path))));
        Directory.Delete(Destination, recursive: true);
        return new SortedDictionary<string, string>(files);
    }

    /// <summary>Runs and stops at the first event that asks for it.</summary>
    public static void Stop(QuantizationOptions options, Func<RunEvent, bool> at)
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => QuantizationRun.Run(options, new Listener(e =>
        {
            if (at(e))
            {
                stop.Cancel();
            }
        }), stop.Token));
    }

    /// <summary>Runs and stops when a block is finished.</summary>
    public static void StopAfter(QuantizationOptions options, int block) => Stop(options, e => e is FactEvent { Id: RunEventId.BlockFinished } fact && fact.Block == block);

    /// <summary>The state that the run left.</summary>
    public RunState State() => RunStateFile.Read(Path.Combine(RunFolder, "run-state.json"));

    /// <summary>Hears events at once, on the thread that reports them.</summary>
    internal sealed class Listener(Action<RunEvent> hear) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => hear(value);
    }
}
