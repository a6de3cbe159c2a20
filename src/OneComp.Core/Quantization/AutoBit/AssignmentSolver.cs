using System.Globalization;
using Google.OrTools.LinearSolver;

namespace OneComp.Quantization.AutoBit;

/// <summary>Solves an <see cref="AssignmentProblem"/> to a proven optimum with OR-Tools (SCIP).</summary>
internal static class AssignmentSolver
{
    private const double RelativeGap = 1e-9;

    // The solver keeps constraints to about 1e-6 of their right side; the budget is a promise, so it is tightened by more
    // and the choice is checked exactly afterwards.
    private const double Tightening = 2e-6;

    /// <summary>The best candidate of each layer.</summary>
    /// <exception cref="AssignmentException">No choice fits the budget, or a cost is not finite.</exception>
    public static int[] Solve(AssignmentProblem problem)
    {
        CheckCosts(problem);
        var units = Units(problem);
        CheckReachable(problem, units);
        var choice = SolveUnits(problem, units, problem.BudgetBits);
        if (choice is null || problem.BitsOf(choice) > problem.BudgetBits)
        {
            choice = SolveUnits(problem, units, problem.BudgetBits * (1 - Tightening)) ?? Cheapest(problem, units);
        }

        return choice;
    }

    /// <summary>Mean effective bits of the choice with the fewest; costs are not looked at.</summary>
    public static double LeastBits(AssignmentProblem problem) => problem.BitsOf(Cheapest(problem, Units(problem)));

    /// <summary>The choice with the fewest bits.</summary>
    internal static int[] Cheapest(AssignmentProblem problem, IReadOnlyList<IReadOnlyList<int>> units)
    {
        var choice = new int[problem.Layers.Count];
        foreach (var unit in units)
        {
            var k = Enumerable.Range(0, problem.Candidates).MinBy(k => unit.Sum(l => problem.EffectiveBits[l][k] * problem.Parameters[l]));
            foreach (var layer in unit)
            {
                choice[layer] = k;
            }
        }

        return choice;
    }

    /// <summary>Fused groups, and each free layer on its own: what the program has variables for.</summary>
    private static List<IReadOnlyList<int>> Units(AssignmentProblem problem)
    {
        var grouped = problem.Groups.SelectMany(group => group).ToHashSet();
        return [.. problem.Groups, .. Enumerable.Range(0, problem.Layers.Count).Where(l => !grouped.Contains(l)).Select(l => (int[])[l])];
    }

    private static int[]? SolveUnits(AssignmentProblem problem, List<IReadOnlyList<int>> units, double budget)
    {
        using var solver = Solver.CreateSolver("SCIP");
        var candidates = Enumerable.Range(0, problem.Candidates).ToArray();
        var costScale = problem.Costs.Max(row => row.Max()) is > 0 and var largest ? largest : 1;
        var bitScale = problem.TotalParameters * budget;
        var variables = units.Select(_ => solver.MakeBoolVarArray(problem.Candidates)).ToArray();
        var bits = new LinearExpr();
        var cost = new LinearExpr();
        for (var u = 0; u < units.Count; u++)
        {
            var (unit, x) = (units[u], variables[u]);
            solver.Add(candidates.Aggregate(new LinearExpr(), (sum, k) => sum + x[k]) == 1);
            foreach (var k in candidates)
            {
                bits += x[k] * (unit.Sum(l => problem.EffectiveBits[l][k] * problem.Parameters[l]) / bitScale);
                cost += x[k] * (unit.Sum(l => problem.Costs[l][k]) / costScale);
            }
        }

        solver.Add(bits <= 1);
        solver.Minimize(cost);
        using var parameters = new MPSolverParameters();
        parameters.SetDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, RelativeGap);
        if (solver.Solve(parameters) is not (Solver.ResultStatus.OPTIMAL or Solver.ResultStatus.FEASIBLE))
        {
            return null;
        }

        var choice = new int[problem.Layers.Count];
        for (var u = 0; u < units.Count; u++)
        {
            var chosen = candidates.MaxBy(k => variables[u][k].SolutionValue());
            foreach (var layer in units[u])
            {
                choice[layer] = chosen;
            }
        }

        return choice;
    }

    private static void CheckReachable(AssignmentProblem problem, List<IReadOnlyList<int>> units)
    {
        var least = problem.BitsOf(Cheapest(problem, units));
        if (least > problem.BudgetBits)
        {
            throw new AssignmentException(
                AssignmentError.BudgetTooSmall,
                "TargetBit",
                string.Create(CultureInfo.InvariantCulture, $"The budget of {problem.BudgetBits:0.####} effective bits per weight cannot be reached: the smallest candidates take {least:0.####}. Raise -TargetBit, or add a candidate with fewer bits or larger groups."));
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
