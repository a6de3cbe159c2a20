using System.Globalization;
using System.Text.Json;
using OneComp.Quantization.AutoBit;

namespace OneComp.Benchmarks.Solver;

/// <summary>Times the assignment solver from 100 to 18,000 layers, and against other ways to solve the same instances.</summary>
internal static class SolverBenchmark
{
    private static readonly (int Bits, int Group)[] Eight = [(2, 128), (2, 32), (3, 128), (3, 32), (4, 128), (4, 32), (8, 128), (8, 32)];
    private static readonly (int Bits, int Group)[] Six = [(2, 128), (3, 128), (4, 128), (5, 128), (6, 128), (8, 128)];
    private static readonly double[] Targets = [2.3, 2.5, 3, 3.5, 4, 5];
    private static readonly int[] Seeds = [1, 2, 3];
    private static readonly SolverSettings Ours = new();

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    /// <param name="output">File to write.</param>
    /// <param name="compare">True to time the other backends and the unreduced program too; takes minutes.</param>
    public static void Run(string output, bool compare)
    {
        _ = AssignmentSolver.Solve(Instance.Dense(0, 4, Eight, 3)); // loads the library
        Console.WriteLine($"{"instance",-28} {"modules",7} {"cand.",5} {"solver",-8} {"reduced",-7} {"runs",4} {"median s",9} {"max s",9} {"mean cpu",9} {"max cpu",9} {"max gap",9}");
        var rows = new List<SolverRow>();
        void Add(string name, Func<int, double, AssignmentProblem> make, SolverSettings settings, int runs = int.MaxValue)
        {
            rows.Add(Measure(name, make, settings, runs));
            Print(rows[^1]);
        }

        Add("80 blocks x 7, fused", Dense, Ours);
        foreach (var modules in (int[])[100, 300, 1000, 3000, 9000, 18000])
        {
            Add("experts", (seed, target) => Instance.Experts(seed, modules, Six, target), Ours);
        }

        if (compare)
        {
            foreach (var reduce in (bool[])[true, false])
            {
                foreach (var backend in (string[])["SAT", "SCIP", "HIGHS"])
                {
                    var settings = Ours with { Backend = backend, Reduce = reduce, TimeLimit = TimeSpan.FromSeconds(20) };
                    Add("80 blocks x 7, fused", Dense, settings, 3);
                    Add("experts", (seed, target) => Instance.Experts(seed, 18000, Six, target), settings, 2);
                }
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        File.WriteAllText(output, JsonSerializer.Serialize(rows, Indented) + "\n");
        Console.WriteLine($"written to {output}");
    }

    private static AssignmentProblem Dense(int seed, double target) => Instance.Dense(seed, 80, Eight, target);

    private static SolverRow Measure(string name, Func<int, double, AssignmentProblem> make, SolverSettings settings, int runs)
    {
        var solved = (from seed in Seeds from target in Targets select make(seed, target))
            .Take(runs)
            .Select(problem => Timed(problem, settings))
            .ToList();
        var seconds = solved.Select(run => run.Solution.Elapsed.TotalSeconds).Order().ToArray();
        return new SolverRow(
            name,
            solved[0].Problem.Layers.Count,
            solved[0].Problem.Candidates,
            settings.Backend,
            settings.Reduce,
            solved.Count,
            seconds[seconds.Length / 2],
            seconds[^1],
            solved.Average(run => run.Cpu.TotalSeconds),
            solved.Max(run => run.Cpu.TotalSeconds),
            solved.Max(run => run.Solution.Gap));
    }

    private static (AssignmentProblem Problem, AssignmentSolution Solution, TimeSpan Cpu) Timed(AssignmentProblem problem, SolverSettings settings)
    {
        var start = Environment.CpuUsage.TotalTime;
        var solution = AssignmentSolver.Solve(problem, settings, CancellationToken.None);
        return (problem, solution, Environment.CpuUsage.TotalTime - start);
    }

    private static void Print(SolverRow row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Instance,-28} {row.Modules,7} {row.Candidates,5} {row.Backend,-8} {(row.Reduced ? "yes" : "no"),-7} {row.Runs,4} {row.MedianSeconds,9:0.0000} {row.MaxSeconds,9:0.0000} {row.MeanCpuSeconds,9:0.0000} {row.MaxCpuSeconds,9:0.0000} {row.MaxGap,9:0.0e+00}"));
}
