using OneComp.Quantization.AutoBit;
using OneComp.Tests.Support;

namespace OneComp.Tests.Quantization.AutoBit;

/// <summary>What the solver proves, against every choice tried and against the reference.</summary>
public class AssignmentProofTests
{
    [Fact]
    public void The_solution_is_the_best_of_all_choices_and_its_bound_is_no_higher()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var problem = Random(seed, layers: 7, candidates: 3, groups: [[0, 1], [2, 3, 4]]);
            var least = AllChoices(problem).Where(choice => problem.TotalBits(choice) <= problem.Budget).Min(problem.CostOf);

            var solution = AssignmentSolver.Solve(problem, new SolverSettings(), CancellationToken.None);

            Assert.True(problem.TotalBits(solution.Choice) <= problem.Budget, $"seed {seed}: over budget");
            Assert.InRange(solution.Cost, least * (1 - 1e-9), least * (1 + 1e-6));
            Assert.Equal(solution.Cost, problem.CostOf(solution.Choice), 9);
            Assert.True(solution.Bound <= least * (1 + 1e-9), $"seed {seed}: the bound {solution.Bound} is above the optimum {least}");
        }
    }

    [Fact]
    public void The_reduced_program_finds_what_the_whole_program_finds()
    {
        var problem = Random(7, layers: 60, candidates: 5, groups: [[0, 1, 2], [10, 11]]);

        var reduced = AssignmentSolver.Solve(problem, new SolverSettings(), CancellationToken.None);
        var whole = AssignmentSolver.Solve(problem, new SolverSettings { Reduce = false }, CancellationToken.None);

        Assert.InRange(reduced.Cost / whole.Cost, 1 - 1e-6, 1 + 1e-6);
        Assert.InRange(reduced.Gap, 0, 1e-6);
    }

    [Fact]
    public void A_stopped_solve_throws()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => AssignmentSolver.Solve(Random(1, 7, 3, []), new SolverSettings(), stopped.Token));
    }

    [Fact]
    public void A_stop_interrupts_the_solver()
    {
        var problem = Random(3, layers: 24_000, candidates: 8, []);
        var settings = new SolverSettings { Reduce = false, Gap = 1e-13, TimeLimit = TimeSpan.FromHours(1) };
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)); // of four seconds on a fast machine
        Assert.Throws<OperationCanceledException>(() => AssignmentSolver.Solve(problem, settings, stop.Token));
    }

    [Fact]
    public void All_assignments_of_the_reference_are_matched_at_a_proven_gap()
    {
        Assert.All(Reference.Json.GetProperty("autobit").EnumerateArray(), expected =>
        {
            var strategy = expected.GetProperty("strategy").GetString();
            var errors = Reference.ErrorsByLayer($"errors_{strategy}");
            var names = errors.Keys.ToArray();
            var (group, fused) = (expected.GetProperty("groupsize").GetInt32(), expected.GetProperty("fused").GetBoolean());
            using var model = OneComp.Models.CausalModel.Open(Repository.TinyLlama);
            var layers = names.Select(name => model.Topology.Layers.Single(layer => layer.Name == name)).ToArray();
            var problem = new AssignmentProblem(
                names,
                [.. layers.Select(layer => layer.WeightCount)],
                [.. layers.Select(layer => new double[] { 2, 3, 4, 8 }.Select(bits => OneComp.Quantization.EffectiveBits.Of(bits, group, layer.InFeatures)).ToArray())],
                [.. names.Select(name => errors[name])],
                fused ? FusedGroupMap.Of(layers, AutoBitQuantizer.DefaultFusedGroups) : [],
                expected.GetProperty("effective_target").GetDouble());

            var solution = AssignmentSolver.Solve(problem, new SolverSettings(), CancellationToken.None);

            Assert.True(problem.TotalBits(solution.Choice) <= problem.Budget);
            Assert.True(solution.Cost <= expected.GetProperty("total_error").GetDouble() * (1 + 1e-6));
            Assert.InRange(solution.Gap, 0, 1e-6);
        });
    }

    private static AssignmentProblem Random(int seed, int layers, int candidates, int[][] groups)
    {
        var random = new Random(seed);
        var parameters = Enumerable.Range(0, layers).Select(_ => 32L * random.Next(10, 400)).ToArray();
        var bits = parameters.Select(_ => Enumerable.Range(0, candidates).Select(k => 2.0 + k).ToArray()).ToArray();
        var costs = parameters.Select(n => bits[0].Select(b => n * Math.Exp(2 * random.NextDouble()) * Math.Pow(4, -b)).ToArray()).ToArray();
        return new AssignmentProblem([.. parameters.Select((_, l) => $"layer {l}")], parameters, bits, costs, groups, 2.2 + random.NextDouble());
    }

    private static IEnumerable<int[]> AllChoices(AssignmentProblem problem)
    {
        var count = (int)Math.Pow(problem.Candidates, problem.Layers.Count);
        for (var code = 0; code < count; code++)
        {
            var rest = code;
            var choice = new int[problem.Layers.Count];
            for (var l = 0; l < choice.Length; l++)
            {
                (choice[l], rest) = (rest % problem.Candidates, rest / problem.Candidates);
            }

            if (problem.Groups.All(group => group.Select(l => choice[l]).Distinct().Count() == 1))
            {
                yield return choice;
            }
        }
    }
}
