using System.Text.Json;
using OneComp.Models;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Support;

namespace OneComp.Tests.Quantization.AutoBit;

/// <summary>The reference's 24 assignments: its effective targets, and plans that cost no more on its own errors.</summary>
public class ReferenceAssignmentTests
{
    private static readonly int[] Bits = [2, 3, 4, 8];

    private static readonly LinearLayer[] Layers =
        [.. ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama)).Layers.Where(layer => layer.Block >= 0)];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Reference.Json.GetProperty("autobit").GetArrayLength())];

    [Fact]
    public void There_are_24() => Assert.Equal(24, Rows.Count);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_effective_target_is_the_references(int row)
    {
        var expected = Row(row).GetProperty("effective_target").GetDouble();
        Assert.InRange(Target(Row(row)) / expected, 1 - 1e-9, 1 + 1e-9);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_plan_keeps_the_budget_and_costs_no_more_than_the_references(int row)
    {
        var reference = Row(row);
        var problem = Problem(reference);

        var choice = AssignmentSolver.Solve(problem);

        Assert.InRange(problem.BitsOf(choice), 0, problem.BudgetBits);
        Assert.InRange(problem.CostOf(choice), 0, reference.GetProperty("total_error").GetDouble() * (1 + 1e-6));
        Assert.All(problem.Groups, group => Assert.Single(group.Select(layer => choice[layer]).Distinct()));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_references_own_plan_has_the_cost_that_it_states(int row)
    {
        var reference = Row(row);
        int[] choice = [.. Layers.Select(layer => Array.IndexOf(Bits, reference.GetProperty("bits").GetProperty(layer.Name).GetInt32()))];
        Assert.InRange(Problem(reference).CostOf(choice) / reference.GetProperty("total_error").GetDouble(), 1 - 1e-6, 1 + 1e-6);
    }

    private static JsonElement Row(int row) => Reference.Json.GetProperty("autobit")[row];

    private static GptqQuantizer[] Candidates(JsonElement row) =>
        [.. Bits.Select(bits => new GptqQuantizer { WBits = bits, GroupSize = row.GetProperty("groupsize").GetInt32() })];

    private static double Target(JsonElement row) => EffectiveTarget.Of(row.GetProperty("target_bit").GetDouble(), Layers, Candidates(row));

    private static AssignmentProblem Problem(JsonElement row)
    {
        var costs = Reference.ErrorsByLayer("errors_" + row.GetProperty("strategy").GetString());
        var candidates = Candidates(row);
        return new AssignmentProblem(
            [.. Layers.Select(layer => layer.Name)],
            [.. Layers.Select(layer => layer.WeightCount)],
            [.. Layers.Select(layer => candidates.Select(candidate => candidate.SchemeFor(layer).EffectiveBits(layer)).ToArray())],
            [.. Layers.Select(layer => costs[layer.Name])],
            row.GetProperty("fused").GetBoolean() ? FusedGroupMap.Of(Layers, AutoBitQuantizer.DefaultFusedGroups) : [],
            Target(row));
    }
}
