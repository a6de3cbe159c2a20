using OneComp.Benchmarks.Solver;

const string Usage = """
    Usage: dotnet run -c Release --project bench/OneComp.Benchmarks -- solver [--compare] [--out FILE]
      solver     Times the assignment solver; --compare adds other solvers and programs (minutes).
      --out      Where the figures go as JSON; bench/results/solver.json when left out.
    """;

if (args is not ["solver", ..])
{
    Console.Error.WriteLine(Usage);
    return 2;
}

var at = Array.IndexOf(args, "--out");
SolverBenchmark.Run(at > 0 && at + 1 < args.Length ? args[at + 1] : Path.Combine("bench", "results", "solver.json"), args.Contains("--compare"));
return 0;
