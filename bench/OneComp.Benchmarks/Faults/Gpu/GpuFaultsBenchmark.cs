using System.Diagnostics;
using System.Globalization;
using OneComp.Benchmarks.EndToEnd;
using OneComp.Benchmarks.Measuring;
using OneComp.Runtime;
using OneComp.Tests.Pipeline.Memory.Shortage;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>
/// A GPU whose memory runs out at each phase of quantizing, tuning and measuring, and several runs at once on it (issue 9, docs/faults.md). On the CPU the
/// library's error is thrown at the same moments instead, which shows that this works, and not what a GPU does.
/// </summary>
internal sealed class GpuFaultsBenchmark
{
    private const double Giga = 1e9;
    private const string Pair = "pair";
    private static readonly string[] GpuShape = ["--hidden", "2048", "--intermediate", "8192", "--heads", "16", "--kv-heads", "4", "--blocks", "3", "--vocabulary", "8192", "--samples", "32", "--length", "512"];
    private static readonly string[] CpuShape = ["--hidden", "128", "--intermediate", "256", "--heads", "4", "--kv-heads", "2", "--blocks", "3", "--vocabulary", "256", "--samples", "16", "--length", "64"];

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<GpuFaultRow> _rows = [];
    private readonly Arguments _arguments;
    private readonly Device _device;
    private readonly string _out;
    private readonly string _only;
    private readonly int _seconds;
    private int _notTried;

    private GpuFaultsBenchmark(Arguments arguments, Device device)
    {
        _arguments = arguments.With(device.type == DeviceType.CUDA ? GpuShape : CpuShape);
        _device = device;
        _out = arguments.Text("--out", Path.Combine("bench", "results", device.type == DeviceType.CUDA ? "gpu-faults.json" : "gpu-faults-cpu.json"));
        _only = arguments.Text("--phase", "");
        _seconds = arguments.Whole("--seconds", 280);
    }

    /// <summary>Tries everything, prints row by row, and writes JSON after each row.</summary>
    /// <returns>1 where something is not as it should be, else 0.</returns>
    public static int Run(Arguments arguments)
    {
        if (arguments.Has(RunProcess.Option))
        {
            return RunProcess.Work(arguments);
        }

        var device = ComputeDevices.Parse(arguments.Text("--device", "auto"));
        var folder = Directory.CreateTempSubdirectory("onecomp-gpu-faults-").FullName;
        try
        {
            return new GpuFaultsBenchmark(arguments, device).Run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private int Run(string folder)
    {
        var memory = _device.type == DeviceType.CUDA ? new GpuMemory(Math.Max(_device.index, 0)) : null;
        Console.WriteLine(memory is null
            ? "No GPU: memory is not taken away, the library's error is thrown where it would run out. What a GPU does has to be seen on one (--device cuda:0)."
            : string.Create(CultureInfo.InvariantCulture, $"{ResultFile.NameOf(_device)}: {memory.Bytes().Free / Giga:0.0} of {memory.Bytes().Total / Giga:0.0} GB are free"));
        var source = Path.Combine(folder, "model");
        RandomModel.Write(source, _arguments, _device);
        GpuPool.Empty(_device); // what making weights took is no part of a run
        var jobs = new ShortageJobs(source, ComputeDevices.NameOf(_device), _arguments);
        var files = new SourceFiles(source);
        IShortage shortage = memory is null ? new ThrownShortage() : new TakenMemory(_device, memory);
        var job = new FaultedJob(jobs, shortage, files);

        var pairs = IsAsked(Pair) && _arguments.Text("--pair", "no") == "yes";
        Undisturbed? quantized = null;
        var peak = 0L;
        if (Wants(ShortageJob.Quantize) || pairs)
        {
            (quantized, var needs) = Reference(jobs, ShortageJob.Quantize, memory, folder, out peak);
            Phases(ShortageJob.Quantize, needs, memory is not null, (phase, leave, needed) => job.Run(phase, leave, needed, quantized, Destination(folder)));
        }

        Tuning(jobs, job, memory, folder);
        if (pairs)
        {
            foreach (var row in new PairRuns(jobs, shortage, files, _arguments, ComputeDevices.NameOf(_device), quantized!, folder).Rows(memory is null ? null : peak))
            {
                Add(Pair, row);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_rows.Count} rows in {_clock.Elapsed.TotalSeconds:0} s, {_notTried} not tried"));
        var wrong = FaultTable.Print([.. _rows.Select(row => row.ToFaultRow())]);
        Write(tell: true);
        return _notTried > 0 ? 1 : wrong;
    }

    /// <summary>The tuned run, and what is measured of its result.</summary>
    private void Tuning(ShortageJobs jobs, FaultedJob job, GpuMemory? memory, string folder)
    {
        ShortageJob[] measured = [ShortageJob.Perplexity, ShortageJob.Divergence];
        if (!Wants(ShortageJob.Tune) && !measured.Any(Wants))
        {
            return;
        }

        var (tuned, needs) = Reference(jobs, ShortageJob.Tune, memory, folder, out _);
        Phases(ShortageJob.Tune, needs, memory is not null, (phase, leave, needed) => job.Run(phase, leave, needed, tuned, Destination(folder)));
        foreach (var kind in measured.Where(Wants))
        {
            using var watch = memory is null ? null : new PhaseNeeds(memory, _device, kind);
            var expected = jobs.Measure(kind, tuned.Folder, watch);
            watch?.Stop();
            Phases(kind, watch?.Bytes, memory is not null, (phase, leave, needed) => job.Measure(phase, leave, needed, expected, tuned.Folder));
        }
    }

    private (Undisturbed Result, IReadOnlyDictionary<string, long>? Needs) Reference(ShortageJobs jobs, ShortageJob job, GpuMemory? memory, string folder, out long peak)
    {
        IReadOnlyDictionary<string, long>? needs = null;
        var most = 0L;
        var began = _clock.Elapsed;
        var result = new Undisturbed(jobs, job, Path.Combine(folder, job.ToString()), destination =>
        {
            using var watch = memory is null ? null : new PhaseNeeds(memory, _device, job);
            using var peaks = memory is null ? null : new FreeMemoryWatch(_device);
            var before = memory?.Bytes() ?? default;
            jobs.Run(job, destination, resume: false, watch);
            watch?.Stop();
            needs = watch?.Bytes;
            most = peaks is null ? 0 : peaks.PeakBytes - (before.Total - before.Free);
        });
        peak = most;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{job}: two undisturbed runs, {result.Twin}; {(_clock.Elapsed - began).TotalSeconds:0.0} s; peak {most / Giga:0.0} GB beside CUDA's own"));
        return (result, needs);
    }

    /// <summary>Each phase of a job with nothing left and with half of what it takes; once where memory cannot be taken.</summary>
    private void Phases(ShortageJob job, IReadOnlyDictionary<string, long>? needs, bool takes, Func<ShortagePhase, long?, long?, GpuFaultRow> run)
    {
        foreach (var phase in ShortagePhase.All.Where(phase => phase.Job == job))
        {
            long? needed = needs is not null && needs.TryGetValue(phase.Name, out var bytes) ? bytes : null;
            foreach (var leave in !takes ? [null] : needed is > 0 ? new long?[] { 0, needed / 2 } : [0])
            {
                Add(phase.Name, () => run(phase, leave, needed));
            }
        }
    }

    private void Add(string name, Func<GpuFaultRow> run)
    {
        if (!IsAsked(name))
        {
            return;
        }

        if (_clock.Elapsed.TotalSeconds > _seconds)
        {
            _notTried++;
            Console.WriteLine($"NOT TRIED, since {_seconds} s are over (--seconds): {name}");
            return;
        }

        var row = run();
        _rows.Add(row);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(row.Right ? "right" : "WRONG")} {row.Seconds,5:0.0} s  {row.ToFaultRow().Tried}: {row.Happened()}"));
        if (row.Message is { } message)
        {
            Console.WriteLine($"             {message.Replace('\n', ' ')}");
        }

        Write(tell: false);
    }

    /// <summary>Whether a job has phases to try. Those that time is over for are told of one by one, without a reference that takes more of it.</summary>
    private bool Wants(ShortageJob job)
    {
        var asked = ShortagePhase.All.Where(phase => phase.Job == job && IsAsked(phase.Name)).ToList();
        if (_clock.Elapsed.TotalSeconds <= _seconds)
        {
            return asked.Count > 0;
        }

        foreach (var phase in asked)
        {
            Add(phase.Name, () => throw new InvalidOperationException("time is over"));
        }

        return false;
    }

    private bool IsAsked(string name) => name.Contains(_only, StringComparison.Ordinal);

    private void Write(bool tell) => ResultFile.Write(_out, ResultFile.NameOf(_device), _rows, tell);

    private static string Destination(string folder) => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "faulted")).FullName, "q");
}
