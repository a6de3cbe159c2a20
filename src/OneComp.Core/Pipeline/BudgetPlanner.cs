using System.Globalization;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Pipeline;

/// <summary>Chooses candidates within budgets, for quantizers that differ in nothing but those.</summary>
/// <param name="layers">The layers.</param>
/// <param name="seed">Seed of DBF.</param>
/// <param name="rate">Gives the costs, layer by candidate; asked once at most.</param>
internal sealed class BudgetPlanner(IReadOnlyList<LinearLayer> layers, int seed, Func<IReadOnlyList<double[]>> rate)
{
    private readonly Lazy<IReadOnlyList<double[]>> _costs = new(rate);

    /// <summary>A plan for each quantizer's budget, with what the solver proved.</summary>
    /// <exception cref="AssignmentException">No choice fits a budget.</exception>
    public IEnumerable<(IReadOnlyList<PlannedLayer> Layers, AssignmentSolution? Solution)> Make(IReadOnlyList<AutoBitQuantizer> quantizers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        foreach (var quantizer in quantizers)
        {
            var target = EffectiveTarget.Of(quantizer, layers)!.Value;
            if (target < 1 && quantizer.AutoDbf) // without DBF the candidates say what they need
            {
                throw new AssignmentException(AssignmentError.BudgetTooSmall, nameof(quantizer.TargetBit), string.Create(CultureInfo.InvariantCulture, $"TargetBit {quantizer.TargetBit:0.###}: less than 1 effective bit per weight ({target:0.###}) cannot be reached. Use a GPU with more memory, or a smaller model."));
            }

            var dbf = new AutoDbf(quantizer, seed);
            if (dbf.TakesAll(target, layers))
            {
                progress?.Report(new VerboseEvent(string.Create(CultureInfo.InvariantCulture, $"{quantizer.Name}: DBF for all layers; {target:0.####} effective bits per weight are at most the threshold of {quantizer.DbfThreshold:0.###}, or below every candidate.")));
                yield return ([.. layers.Select(layer => dbf.All(layer, target))], null);
            }
            else
            {
                var (plan, solution) = Solve(quantizer, target, progress, token);
                yield return (dbf.Replace(plan), solution);
            }
        }
    }

    private (IReadOnlyList<PlannedLayer> Layers, AssignmentSolution? Solution) Solve(AutoBitQuantizer quantizer, double target, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var candidates = quantizer.Quantizers;
        FusedCandidates.Check(quantizer, layers);
        var unrated = new AssignmentProblem(
            [.. layers.Select(layer => layer.Name)],
            [.. layers.Select(layer => layer.WeightCount)],
            [.. layers.Select(layer => candidates.Select(candidate => (double)StoredBits.Of(layer, candidate.SchemeFor(layer)) / layer.WeightCount).ToArray())],
            Costs: [],
            quantizer.EnableFusedGroups ? FusedGroupMap.Of(layers, quantizer.FusedGroups) : [],
            target);
        if (ChoiceUnit.LeastBits(unrated) is var least && least > unrated.Budget)
        {
            throw TooSmall(quantizer, target, (double)least / unrated.TotalParameters); // before rating, which takes long
        }

        var problem = unrated with { Costs = _costs.Value };
        var solution = AssignmentSolver.Solve(problem, new SolverSettings(), token);
        var plan = layers.Select((layer, l) => new PlannedLayer(layer, candidates[solution.Choice[l]], problem.Costs[l][solution.Choice[l]])
        {
            Costs = CandidateCosts.Of(candidates, problem.Costs[l]),
        }).ToList();
        progress?.Report(new VerboseEvent(string.Create(
            CultureInfo.InvariantCulture,
            $"{quantizer.Name}: cost {solution.Cost:0.####e+00}, {(double)problem.TotalBits(solution.Choice) / problem.TotalParameters:0.####} of {target:0.####} effective bits per weight, {problem.Budget - problem.TotalBits(solution.Choice)} bits left; proven by {solution.Solver} to a gap of {solution.Gap:0.0e+00} in {solution.Elapsed.TotalSeconds:0.000} s.")));
        return (plan, solution);
    }

    private AssignmentException TooSmall(AutoBitQuantizer quantizer, double target, double leastBits)
    {
        var given = string.Create(CultureInfo.InvariantCulture, $"The budget is {target:0.####} bits per weight");
        var needed = string.Create(CultureInfo.InvariantCulture, $"these candidates take {leastBits:0.####} at least");
        if (quantizer.TargetBit is { } targetBit)
        {
            // The effective target is a straight line over TargetBit. Rounded up, so that the value that the message gives is enough.
            var atZero = EffectiveTarget.Of(0, layers, quantizer.Quantizers);
            var smallest = (leastBits - atZero) / (EffectiveTarget.Of(1, layers, quantizer.Quantizers) - atZero);
            smallest = Math.Ceiling((smallest * 1e4) - 1e-6) / 1e4;
            given = string.Create(CultureInfo.InvariantCulture, $"TargetBit is {targetBit:0.####}");
            needed = string.Create(CultureInfo.InvariantCulture, $"the smallest that these candidates reach is {smallest:0.####} ({leastBits:0.####} bits per weight with scales and zero points)");
        }

        return new AssignmentException(
            AssignmentError.BudgetTooSmall,
            nameof(quantizer.TargetBit),
            $"{given}; {needed}. Raise -TargetBit, or add a candidate with fewer bits or larger groups.");
    }
}
