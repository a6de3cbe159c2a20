using OneComp.Benchmarks.Accuracy;
using OneComp.Benchmarks.Cpu;
using OneComp.Benchmarks.EndToEnd;
using OneComp.Benchmarks.Export;
using OneComp.Benchmarks.Faults;
using OneComp.Benchmarks.Faults.Gpu;
using OneComp.Benchmarks.Fuzz;
using OneComp.Benchmarks.Hub;
using OneComp.Benchmarks.Kernels;
using OneComp.Benchmarks.Layers;
using OneComp.Benchmarks.Load;
using OneComp.Benchmarks.Measuring;
using OneComp.Benchmarks.Quality;
using OneComp.Benchmarks.Resuming;
using OneComp.Benchmarks.Solver;
using OneComp.Benchmarks.Training;
using OneComp.Runtime;

const string Usage = """
    Usage: dotnet run -c Release --project bench/OneComp.Benchmarks -- solver [--compare] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- quality [--recipe PATTERN] [--target 2.5,3,4] [--seed 0,1,2] [--text FILE] [--evaluation FILE] [--windows N] [--model DIR] [--length N] [--device NAME] [--rounds N] [--tune-steps N] [--tune-windows N] [--tune-rate R] [--code-rate R] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- train [--folder DIR] [--text FILE] [--steps N] [--hidden N] [--blocks N] [--device NAME]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- layers [--device NAME] [--runs N] [--divide N] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- check-kernels [--device NAME] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- cpu [--samples N] [--length N] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- accuracy [--rows N] [--columns N] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- export [--hidden N] [--intermediate N] [--layers N] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- e2e [--device NAME] [--blocks N] [--samples N] [--length N] [--vocabulary N] [--hidden N] [--intermediate N] [--heads N] [--kv-heads N] [--folder DIR] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- e2e --devices NAME,NAME [--qep] [--no-qep] [--runs N] [--max-gpu-memory GB] [--preset NAME] [as above]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- hub [--gb 2] [--kills 20] [--seed 1] [--folder DIR] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- resume [--kills 10] [--stops 10] [--seed 1] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- fuzz [--target all|NAME,NAME] [--count 10000] [--seed 1] [--findings DIR] [--input FILE] [--number N] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- faults [--kind kill|disk|source|share|permission|volume|clock|memory|lock] [--kills 100] [--offsets 20] [--changes 10] [--seed 1] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- gpu-faults [--device cuda:0] [--pair yes] [--phase NAME] [--hidden N] [--intermediate N] [--heads N] [--kv-heads N] [--blocks N] [--vocabulary N] [--samples N] [--length N] [--seconds 280] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- load [--kind repeat|parallel|extremes|large] [--runs 50] [--at-once 4] [--blocks 46] [--limit-mb 4096] [--folder DIR] [--out FILE]
      solver         Times the assignment solver; --compare adds other solvers and programs (minutes).
      quality        Quantizes tiny-llama by each recipe and measures perplexity and KL divergence (minutes).
                     --text draws the calibration windows from a text by the seed; --windows spreads as many over the evaluation text.
      train          Trains a small Qwen3 of bytes on a text, for quality to look at a second model (4 minutes of a core).
      layers         Times GPTQ of layers of Llama-3-8B's shapes, each side divided by --divide, and the tensor loop beside it.
      check-kernels  Holds the device's loops, range search and packing against float64 and the CPU; fails where they differ.
      cpu            Quantizes tiny-llama by the CPU loop and by the tensor loop.
      accuracy       Holds GPTQ in float32, with R and with U, against float64.
      export         Exports a generated model of a few hundred MB to each form: GB/s against a plain copy, and peak memory.
      e2e            Quantizes random weights of Llama-3-8B's shape, timing each phase against the rates of large products on the device.
                     --devices does the job on the first device and on all of them instead: speed-up, memory, and how far the results agree;
                     --qep propagates errors, --qep --no-qep does both.
      hub            Downloads generated shards from a hub on loopback and kills the download at random moments; build the solution first.
      resume         Kills runs at random moments, and stops them as Ctrl+C does, and lets them go on; build the solution first. Not on Windows.
      fuzz           Reads spoiled files of every format; fails on anything but an error of ours, on hangs and on memory out of proportion.
                     --input reads one file again; --number writes input N of a seed.
      faults         Brings faults into runs from outside (docs/faults.md); build the solution first. Linux, as root.
      gpu-faults     Takes a GPU's memory away at each phase of quantizing, tuning and measuring generated weights (docs/faults.md); --pair yes also
                     has two runs at once on it. Without a GPU the library's error is thrown there instead.
      load           Runs in numbers and models in extremes; build the solution first. Linux; a limit of memory needs root.
      --out          Where the figures go as JSON; a file in bench/results when left out.
    """;

var arguments = new Arguments(args);
switch (args)
{
    case ["solver", ..]:
        SolverBenchmark.Run(arguments.Text("--out", Path.Combine("bench", "results", "solver.json")), arguments.Has("--compare"));
        return 0;
    case ["quality", ..]:
        QualityBenchmark.Run(QualityOptions.Parse(args.AsSpan(1)));
        return 0;
    case ["train", ..]:
        TorchRuntime.EnsureLoaded();
        TrainBenchmark.Run(arguments);
        return 0;
    case ["hub", ..]:
        await HubBenchmark.RunAsync(HubOptions.Parse(args.AsSpan(1)));
        return 0;
    case ["layers", ..]:
        TorchRuntime.EnsureLoaded();
        LayerBenchmark.Run(arguments);
        return 0;
    case ["check-kernels", ..]:
        TorchRuntime.EnsureLoaded();
        return KernelChecks.Run(arguments) ? 0 : 1;
    case ["cpu", ..]:
        TorchRuntime.EnsureLoaded();
        CpuBenchmark.Run(arguments);
        return 0;
    case ["accuracy", ..]:
        TorchRuntime.EnsureLoaded();
        AccuracyBenchmark.Run(arguments);
        return 0;
    case ["export", ..]:
        TorchRuntime.EnsureLoaded();
        ExportBenchmark.Run(arguments);
        return 0;
    case ["e2e", ..]:
        TorchRuntime.EnsureLoaded();
        EndToEndBenchmark.Run(arguments);
        return 0;
    case ["faults", ..] when !OperatingSystem.IsWindows():
        return FaultsBenchmark.Run(arguments);
    case ["gpu-faults", ..]:
        TorchRuntime.EnsureLoaded();
        return GpuFaultsBenchmark.Run(arguments);
    case ["load", ..]:
        return LoadBenchmark.Run(arguments);
    case ["resume", ..]:
        ResumeBenchmark.Run(arguments);
        return 0;
    case ["fuzz", ..]:
        return FuzzBenchmark.Run(arguments) ? 0 : 1;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
