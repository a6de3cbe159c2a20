using OneComp.Benchmarks.Hub;
using OneComp.Benchmarks.Quality;
using OneComp.Benchmarks.Solver;

const string Usage = """
    Usage: dotnet run -c Release --project bench/OneComp.Benchmarks -- solver [--compare] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- quality [--recipe PATTERN] [--target 2.5,3,4] [--seed 0,1,2] [--evaluation FILE] [--device NAME] [--out FILE]
           dotnet run -c Release --project bench/OneComp.Benchmarks -- hub [--gb 2] [--kills 20] [--seed 1] [--folder DIR] [--out FILE]
      solver     Times the assignment solver; --compare adds other solvers and programs (minutes).
      quality    Quantizes tiny-llama by each recipe and measures perplexity and KL divergence (minutes).
      hub        Downloads generated shards from a hub on loopback and kills the download at random moments; build the solution first.
      --out      Where the figures go as JSON; a file in bench/results when left out.
    """;

switch (args)
{
    case ["solver", ..]:
        var at = Array.IndexOf(args, "--out");
        SolverBenchmark.Run(at > 0 && at + 1 < args.Length ? args[at + 1] : Path.Combine("bench", "results", "solver.json"), args.Contains("--compare"));
        return 0;
    case ["quality", ..]:
        QualityBenchmark.Run(QualityOptions.Parse(args.AsSpan(1)));
        return 0;
    case ["hub", ..]:
        await HubBenchmark.RunAsync(HubOptions.Parse(args.AsSpan(1)));
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
