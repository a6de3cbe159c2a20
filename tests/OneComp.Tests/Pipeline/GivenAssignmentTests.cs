using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>Plans that are given as rows: carried out as they are, or refused with every fault.</summary>
public class GivenAssignmentTests
{
    private static readonly AutoBitQuantizer AutoBit = new()
    {
        AssignmentStrategy = AssignmentStrategy.Ilp,
        TargetBit = 3,
        Quantizers = [new RtnQuantizer { WBits = 2 }, new RtnQuantizer { WBits = 3 }, new RtnQuantizer { WBits = 4 }],
    };

    private static readonly Lazy<IReadOnlyList<LayerAssignment>> Rows = new(() => PlanRun.Run(PlanBudgetTests.Options(AutoBit)));

    [Fact]
    public void Edited_rows_are_quantized_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var edited = Edit("model.layers.2.self_attn.o_proj", row => row with { Bits = 2 }).Where(row => row.Layer != "model.layers.3.mlp.down_proj").ToList();

        var result = QuantizationRun.Run(new QuantizationOptions
        {
            Model = Repository.TinyLlama,
            Quantizer = AutoBit with { TargetBit = 4 },
            Destination = folder.File("q"),
            Device = "cpu",
            Assignment = edited,
        });

        Assert.Equal(edited.Select(row => (row.Layer, row.Bits)), result.Assignment.Select(row => (row.Layer, row.Bits)));
        var changed = result.Assignment.Single(row => row.Layer == "model.layers.2.self_attn.o_proj");
        Assert.Equal("RTN_2bit_gs128", changed.Quantizer);
        Assert.Equal(CandidateCosts.Find(edited.Single(row => row.Layer == changed.Layer).Costs, "RTN_2bit_gs128"), changed.Error);
        Assert.Equal("given", changed.Plan!.Strategy);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var rows = Rows.Value
            .Select(row => row.Layer switch
            {
                "model.layers.0.self_attn.o_proj" => row with { Layer = "model.layers.9.self_attn.o_proj" },
                "model.layers.1.self_attn.o_proj" => row with { Bits = 5 },
                "model.layers.2.self_attn.o_proj" => row with { InFeatures = 7 },
                "model.layers.3.self_attn.q_proj" => row with { Bits = row.Bits == 2 ? 3 : 2 },
                _ => row with { Bits = row.Module.StartsWith("mlp", StringComparison.Ordinal) ? 4 : row.Bits },
            })
            .Append(Rows.Value[3])
            .Append(Rows.Value[3])
            .ToList();

        var error = Refused(rows);

        Assert.Equal("AssignmentRowsNotPossible", error.ErrorId);
        Assert.Contains("model.layers.9.self_attn.o_proj: is no linear layer", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.layers.1.self_attn.o_proj: no candidate has 5 bits", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.layers.2.self_attn.o_proj: is 256 x 256 in the model", error.Message, StringComparison.Ordinal);
        Assert.Contains("fused layers differ: model.layers.3.self_attn.q_proj", error.Message, StringComparison.Ordinal);
        Assert.Contains("over budget", error.Message, StringComparison.Ordinal);
        Assert.Contains("keep one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_within_its_own_budget_is_possible_as_it_came()
    {
        var rows = PlanRun.Run(PlanBudgetTests.Options(AutoBit) with { Assignment = Rows.Value });
        Assert.Equal(Rows.Value.Select(row => (row.Layer, row.Quantizer, row.Error)), rows.Select(row => (row.Layer, row.Quantizer, row.Error)));
    }

    private static AssignmentException Refused(IReadOnlyList<LayerAssignment> rows) =>
        Assert.Throws<AssignmentException>(() => PlanRun.Run(PlanBudgetTests.Options(AutoBit) with { Assignment = rows }));

    private static IEnumerable<LayerAssignment> Edit(string layer, Func<LayerAssignment, LayerAssignment> change) =>
        Rows.Value.Select(row => row.Layer == layer ? change(row) : row);
}
