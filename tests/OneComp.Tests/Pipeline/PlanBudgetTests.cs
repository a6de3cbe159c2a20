using System.Globalization;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>Budgets: what sets them, what takes over below them, and that the file on the disk keeps them.</summary>
public class PlanBudgetTests
{
    private static readonly WeightQuantizer[] Grids = [.. new[] { 2, 3, 4, 8 }.Select(bits => new RtnQuantizer { WBits = bits })];

    [Theory]
    [InlineData("tiny-llama", 3.0, 128)]
    [InlineData("tiny-llama", 4.5, 64)]
    [InlineData("ragged", 4.0, 128)]
    [InlineData("ragged", 3.6, 8)]
    [InlineData("ragged", 4.0, -1)]
    public void The_file_never_takes_more_than_the_budget(string name, double target, int group)
    {
        using var folder = new TemporaryFolder();
        var model = name == "ragged" ? RaggedModel.Write(folder.File("ragged")) : Repository.TinyLlama;
        var quantizer = new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Ilp,
            TargetBit = target,
            Quantizers = [.. Grids.Cast<RtnQuantizer>().Select(grid => grid with { GroupSize = group })],
        };

        var result = QuantizationRun.Run(new QuantizationOptions { Model = model, Quantizer = quantizer, Destination = folder.File("q"), Device = "cpu" });

        var plan = result.Assignment[0].Plan!;
        var written = BytesOfLayers(folder.File("q"));
        var weights = result.Assignment.Sum(row => row.Parameters);
        Assert.True(written <= plan.EffectiveTargetBit * weights / 8, string.Create(CultureInfo.InvariantCulture, $"{written} bytes for {plan.EffectiveTargetBit} bits x {weights}"));
        Assert.Equal(plan.BitsUsed, 8 * written);
        Assert.True(plan.BitsLeft >= 0);
    }

    [Fact]
    public void Ratios_set_the_budget_to_the_mean_of_the_candidates_effective_bits()
    {
        var quantizer = new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, Ratios = [0.25, 0.5, 0.25, 0], Quantizers = Grids };
        var plan = Plan(quantizer)[0].Plan!;

        Assert.Equal((0.25 * (2 + (18 / 128.0))) + (0.5 * (3 + (19 / 128.0))) + (0.25 * (4 + (20 / 128.0))), plan.EffectiveTargetBit!.Value, 9);
        Assert.True(plan.EffectiveBits <= plan.EffectiveTargetBit);
    }

    [Fact]
    public void Ratios_that_do_not_sum_to_one_are_refused()
    {
        var error = Assert.Throws<QuantizerOptionsException>(() => new AutoBitQuantizer { Ratios = [0.5, 0.4, 0, 0] }.Validate());
        Assert.Equal(["Ratios"], error.Parameters);
    }

    [Fact]
    public void At_or_below_the_threshold_all_layers_get_dbf_within_the_budget()
    {
        var rows = Plan(new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, TargetBit = 1.7, Quantizers = Grids });

        Assert.All(rows, row => Assert.StartsWith("DBF", row.Quantizer, StringComparison.Ordinal));
        Assert.InRange(rows[0].Plan!.EffectiveBits, 1.5, rows[0].Plan!.EffectiveTargetBit!.Value);
        Assert.Null(rows[0].Plan!.Solver);
    }

    [Fact]
    public void Without_auto_dbf_such_a_budget_is_an_error()
    {
        var error = Assert.Throws<AssignmentException>(() => Plan(new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, TargetBit = 1.7, AutoDbf = false, Quantizers = Grids }));
        Assert.Equal(AssignmentError.BudgetTooSmall, error.Error);
        Assert.Contains("2.1406", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_solved_plan_at_or_below_the_threshold_gets_dbf_at_its_layers_raw_bits()
    {
        // 2.01 bits are 2.1507 effective ones, above the threshold; the plan can use no more than the 2.1406 of 2 bits.
        var rows = Plan(new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Ilp,
            TargetBit = 2.01,
            DbfThreshold = 2.15,
            DbfIters = 7,
            Quantizers = [new RtnQuantizer { WBits = 2 }, new RtnQuantizer { WBits = 8 }],
        });

        Assert.NotNull(rows[0].Plan!.Solver);
        Assert.True(rows[0].Plan!.BitsLeft >= 0);
        Assert.All(rows, row => Assert.StartsWith("DBF", row.Quantizer, StringComparison.Ordinal));
        Assert.All(rows, row => Assert.InRange(row.Bits, 1.8, 2));
    }

    [Fact]
    public void Manual_rules_that_split_a_fused_group_are_a_named_error()
    {
        var quantizer = new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Manual,
            Quantizers =
            [
                new GptqQuantizer { WBits = 4, Selection = new LayerSelection { IncludeLayerKeywords = ["q_proj"] } },
                new GptqQuantizer { WBits = 3 },
            ],
        };

        var error = Assert.Throws<AssignmentException>(() => Plan(quantizer));
        Assert.Equal("AssignmentFusedGroupSplit", error.ErrorId);
        Assert.Contains("model.layers.0.self_attn.q_proj GPTQ_4bit_gs128", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Plan(quantizer with { EnableFusedGroups = false }));
    }

    [Fact]
    public void A_candidate_whose_bits_by_module_split_a_fused_group_is_a_named_error()
    {
        var quantizer = new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Ilp,
            TargetBit = 3,
            Quantizers = [new GptqQuantizer { WBits = 3, ModuleWBits = [KeyValuePair.Create("k_proj", 4)] }, new GptqQuantizer { WBits = 2 }],
        };

        var error = Assert.Throws<AssignmentException>(() => Plan(quantizer));
        Assert.Equal("AssignmentFusedGroupSplit", error.ErrorId);
        Assert.Contains("model.layers.0.self_attn.q_proj 3 bits, model.layers.0.self_attn.k_proj 4 bits", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Plan(quantizer with { EnableFusedGroups = false }));
    }

    [Fact]
    public void Bits_by_module_that_cannot_be_fused_are_refused_like_others()
    {
        var odd = new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, TargetBit = 3, Quantizers = [new GptqQuantizer { WBits = 3, MlpWBits = 5 }] };
        Assert.Equal(["Quantizers[0]"], Assert.Throws<QuantizerOptionsException>(odd.Validate).Parameters);
        (odd with { EnableFusedGroups = false }).Validate();
    }

    [Fact]
    public void Several_budgets_come_from_one_rating_and_cost_less_with_more_bits()
    {
        var options = Options(new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, TargetBit = 3, Quantizers = Grids });
        var summaries = PlanRun.Summaries(options, [2.5, 3, 3.5, 4]);
        var rows = PlanRun.Run(options, [2.5, 3, 3.5, 4]);

        Assert.Equal([2.5, 3, 3.5, 4], summaries.Select(plan => plan.TargetBit!.Value));
        Assert.Equal(summaries.Select(plan => plan.TotalError).OrderDescending(), summaries.Select(plan => plan.TotalError));
        Assert.All(summaries, plan => Assert.InRange(plan.ProvenGap!.Value, 0, 1e-6));
        Assert.Equal(4 * 42, rows.Count);
        Assert.All(rows, row => Assert.Equal(row.Error, CandidateCosts.Find(row.Costs, row.Quantizer)));
    }

    [Fact]
    public void The_heatmap_is_written_where_the_quantizer_says()
    {
        using var folder = new TemporaryFolder();
        Plan(new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Ilp, TargetBit = 3, Quantizers = Grids, SavePath = folder.File("map.png") });
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.File("map.png"))[..4]);
    }

    internal static PlanOptions Options(Quantizer quantizer) => new() { Model = Repository.TinyLlama, Quantizer = quantizer, Device = "cpu" };

    private static IReadOnlyList<LayerAssignment> Plan(Quantizer quantizer) => PlanRun.Run(Options(quantizer));

    private static long BytesOfLayers(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Tensors.Values
            .Where(tensor => tensor.Name.EndsWith(".qweight", StringComparison.Ordinal) || tensor.Name.EndsWith(".qzeros", StringComparison.Ordinal) || tensor.Name.EndsWith(".scales", StringComparison.Ordinal))
            .Sum(tensor => tensor.ByteCount);
    }
}
