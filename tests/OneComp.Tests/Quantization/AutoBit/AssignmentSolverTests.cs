using System.Globalization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Tests.Quantization.AutoBit;

public class AssignmentSolverTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_plan_is_as_good_as_the_best_of_all(bool fused)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var problem = Random(seed, fused);
            var best = BestOfAll(problem);

            var choice = AssignmentSolver.Solve(problem);

            Assert.True(problem.BitsOf(choice) <= problem.BudgetBits, $"seed {seed}: over the budget");
            Assert.True(
                problem.CostOf(choice) <= best * (1 + 1e-9),
                string.Create(CultureInfo.InvariantCulture, $"seed {seed}: cost {problem.CostOf(choice)}, the best is {best}"));
            Assert.All(problem.Groups, group => Assert.Single(group.Select(layer => choice[layer]).Distinct()));
        }
    }

    [Fact]
    public void A_budget_that_a_plan_meets_exactly_is_met()
    {
        var problem = Random(0, false) with { EffectiveBits = [.. Enumerable.Repeat(new[] { 2.1, 3.1, 4.1 }, 6)], Parameters = [10, 10, 10, 10, 10, 10], BudgetBits = 3.1 + 1e-12 };
        Assert.Equal(BestOfAll(problem), problem.CostOf(AssignmentSolver.Solve(problem)), 1e-9);
    }

    [Theory]
    [InlineData(1e-7)]
    [InlineData(1e-9)]
    public void A_plan_that_exceeds_the_budget_by_less_than_a_bit_is_not_taken(double excess)
    {
        // The second layer's 4 bits would halve the cost, and exceed the budget by less than what the solver can see.
        var problem = new AssignmentProblem(
            ["a", "b"], [1_000_000, 1_000_000], [[2, 3, 4], [2, 3, 4]], [[9, 5, 1], [9, 5, 1]], [], 3.5 * (1 - excess));

        var choice = AssignmentSolver.Solve(problem);

        Assert.InRange(problem.BitsOf(choice), 0, problem.BudgetBits);
        Assert.Equal(BestOfAll(problem), problem.CostOf(choice));
    }

    [Fact]
    public void Costs_of_any_size_are_told_apart()
    {
        foreach (var scale in (double[])[1e-12, 1e-6, 1, 1e6, 1e12])
        {
            var problem = Random(3, true);
            problem = problem with { Costs = [.. problem.Costs.Select(row => row.Select(cost => cost * scale).ToArray())] };
            Assert.InRange(problem.CostOf(AssignmentSolver.Solve(problem)) / BestOfAll(problem), 1 - 1e-9, 1 + 1e-9);
        }
    }

    [Fact]
    public void A_budget_below_the_smallest_candidates_is_an_error_with_what_they_take()
    {
        var problem = new AssignmentProblem(["a", "b"], [12, 4], [[2.25, 3], [3.25, 4]], [[1, 0], [1, 0]], [], 2.4);

        var error = Assert.Throws<AssignmentException>(() => AssignmentSolver.Solve(problem));

        Assert.Equal(AssignmentError.BudgetTooSmall, error.Error);
        Assert.Contains("2.4 effective", error.Message, StringComparison.Ordinal);
        Assert.Contains("take 2.5.", error.Message, StringComparison.Ordinal); // (12 · 2.25 + 4 · 3.25) / 16
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_cost_that_is_not_finite_is_an_error_that_names_the_layer(double cost)
    {
        var problem = new AssignmentProblem(["a", "b"], [1, 1], [[2, 3], [2, 3]], [[1, 0], [1, cost]], [], 3);
        var error = Assert.Throws<AssignmentException>(() => AssignmentSolver.Solve(problem));
        Assert.Equal((AssignmentError.CostNotFinite, "b"), (error.Error, error.Subject));
    }

    private static AssignmentProblem Random(int seed, bool fused)
    {
        const int layers = 6, candidates = 3;
        var random = new Random(seed);
        double[][] bits = [.. Enumerable.Range(0, layers).Select(_ => Enumerable.Range(2, candidates).Select(b => b + (0.3 * random.NextDouble())).ToArray())];
        double[][] costs = [.. Enumerable.Range(0, layers).Select(_ => Enumerable.Range(0, candidates).Select(k => random.NextDouble() * Math.Pow(4, -k)).ToArray())];
        long[] parameters = [.. Enumerable.Range(0, layers).Select(_ => (long)random.Next(1000, 100_000))];
        IReadOnlyList<IReadOnlyList<int>> groups = fused ? [[0, 2, 5], [1, 3]] : [];
        return new AssignmentProblem(["a", "b", "c", "d", "e", "f"], parameters, bits, costs, groups, 2.4 + (1.5 * random.NextDouble()));
    }

    private static double BestOfAll(AssignmentProblem problem)
    {
        var (layers, candidates) = (problem.Layers.Count, problem.Candidates);
        var best = double.PositiveInfinity;
        for (var code = 0; code < Math.Pow(candidates, layers); code++)
        {
            int[] choice = [.. Enumerable.Range(0, layers).Select(l => code / (int)Math.Pow(candidates, l) % candidates)];
            if (problem.BitsOf(choice) <= problem.BudgetBits && problem.Groups.All(group => group.All(l => choice[l] == choice[group[0]])))
            {
                best = Math.Min(best, problem.CostOf(choice));
            }
        }

        return best;
    }
}
