using System.Diagnostics;
using System.Globalization;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// Solves an <see cref="AssignmentProblem"/> to a proven optimum: the relaxation gives a bound and a choice near it, which rule
/// out most options; OR-Tools chooses among the rest.
/// </summary>
/// <remarks>
/// The solver is SCIP by measurement (<c>bench/OneComp.Benchmarks -- solver --compare</c>): on the reduced programs of 560 layers it
/// and CP-SAT take 0.1 to 0.2 s, of 18,000 layers SCIP takes 0.6 s where CP-SAT runs out of 20; HiGHS had not ended three
/// runs of a limit of 20 s each after three minutes.
/// </remarks>
internal static class AssignmentSolver
{
    // The first program holds the options that cost this share of what there may be to win; while that proves too little,
    // more come in. Most instances end with the first or second program.
    private const double FirstLimit = 1.0 / 512;
    private const double LimitGrowth = 8;
    private const double LargestCoreGap = 0.1;

    /// <summary>The best candidate of each layer.</summary>
    /// <exception cref="AssignmentException">No choice fits the budget, or a cost is not finite.</exception>
    public static int[] Solve(AssignmentProblem problem) => Solve(problem, new SolverSettings(), CancellationToken.None).Choice;

    /// <summary>The best choice that is found in time, with its proof.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="settings">Gap and time limit.</param>
    /// <param name="token">Stops the solver.</param>
    /// <exception cref="AssignmentException">No choice fits the budget, or a cost is not finite.</exception>
    public static AssignmentSolution Solve(AssignmentProblem problem, SolverSettings settings, CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        token.ThrowIfCancellationRequested();
        CheckCosts(problem);
        var units = ChoiceUnit.Of(problem);
        CheckReachable(problem, units);

        var budget = Reachable(units, problem.Budget);
        var relaxed = LagrangianBound.Of(units, budget);
        var best = (relaxed.Choice, Cost: CostOf(units, relaxed.Choice));
        var (bound, solver) = (relaxed.Bound, "relaxation");
        var limit = settings.Reduce ? (best.Cost - bound) * FirstLimit : double.PositiveInfinity;
        while (best.Cost - bound > settings.Gap * best.Cost && clock.Elapsed < settings.TimeLimit)
        {
            solver = settings.Backend;
            var width = best.Cost - relaxed.Bound;
            limit = Math.Min(Math.Max(limit, settings.Gap * best.Cost), width);
            var core = new CoreProgram(units, budget, relaxed, best.Choice, settings.Reduce ? limit : double.PositiveInfinity, limit);
            var gap = Math.Min(LargestCoreGap, settings.Gap * best.Cost / width / 2);
            var (choice, needed) = core.Solve(settings.Backend, gap, settings.TimeLimit - clock.Elapsed, token);
            if (choice is not null && BitsOf(units, choice) <= budget && CostOf(units, choice) is var cost && cost < best.Cost)
            {
                best = (choice, cost);
            }

            bound = Math.Max(bound, relaxed.Bound + (limit < width ? Math.Min(limit, needed) : needed));
            if (limit >= best.Cost - relaxed.Bound)
            {
                break; // nothing was left out that could be better
            }

            limit *= LimitGrowth;
        }

        var byLayer = new int[problem.Layers.Count];
        for (var u = 0; u < units.Count; u++)
        {
            foreach (var layer in units[u].Layers)
            {
                byLayer[layer] = units[u].Options[best.Choice[u]].Candidate;
            }
        }

        return new AssignmentSolution(byLayer, best.Cost, Math.Min(bound, best.Cost), solver, clock.Elapsed);
    }

    /// <summary>The budget, less what no choice can use.</summary>
    private static long Reachable(IReadOnlyList<ChoiceUnit> units, long budget)
    {
        var least = units.Sum(unit => unit.Options[0].Bits);
        var step = BitStep.Of(units.Select(unit => unit.Options.Select(option => option.Bits)));
        return least + ((budget - least) / step * step);
    }

    private static long BitsOf(IReadOnlyList<ChoiceUnit> units, int[] choice) => units.Select((unit, u) => unit.Options[choice[u]].Bits).Sum();

    private static double CostOf(IReadOnlyList<ChoiceUnit> units, int[] choice) => units.Select((unit, u) => unit.Options[choice[u]].Cost).Sum();

    private static void CheckReachable(AssignmentProblem problem, IReadOnlyList<ChoiceUnit> units)
    {
        var least = units.Sum(unit => unit.Options[0].Bits);
        if (least > problem.Budget)
        {
            throw new AssignmentException(
                AssignmentError.BudgetTooSmall,
                "TargetBit",
                string.Create(CultureInfo.InvariantCulture, $"The budget of {problem.BudgetBits:0.####} effective bits per weight cannot be reached: the smallest candidates take {(double)least / problem.TotalParameters:0.####}. Raise -TargetBit, or add a candidate with fewer bits or larger groups."));
        }
    }

    private static void CheckCosts(AssignmentProblem problem)
    {
        for (var l = 0; l < problem.Layers.Count; l++)
        {
            if (!problem.Costs[l].All(double.IsFinite))
            {
                throw new AssignmentException(
                    AssignmentError.CostNotFinite,
                    problem.Layers[l],
                    $"Layer {problem.Layers[l]}: the cost of a candidate is not a finite number. The calibration activations or gradients overflow: use -Device cpu (float32), or the strategy ilp.");
            }
        }
    }
}
