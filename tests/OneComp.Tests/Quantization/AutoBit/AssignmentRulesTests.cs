using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;

namespace OneComp.Tests.Quantization.AutoBit;

/// <summary>Fused groups, manual assignment and which layers a quantizer takes.</summary>
public class AssignmentRulesTests
{
    private static readonly IReadOnlyList<LinearLayer> Layers = ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama)).Layers;

    [Fact]
    public void Query_key_and_value_and_gate_and_up_of_a_block_form_groups()
    {
        var groups = FusedGroupMap.Of(Layers, AutoBitQuantizer.DefaultFusedGroups);

        Assert.Equal(12, groups.Count);
        Assert.Equal(["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], groups[0].Select(layer => Layers[layer].Module));
        Assert.Equal(["mlp.gate_proj", "mlp.up_proj"], groups[1].Select(layer => Layers[layer].Module));
        Assert.All(groups, group => Assert.Single(group.Select(layer => Layers[layer].Block).Distinct()));
    }

    [Fact]
    public void A_layer_whose_partners_are_left_out_is_free() =>
        Assert.Equal(6, FusedGroupMap.Of([.. Layers.Where(layer => layer.Module is not ("self_attn.k_proj" or "self_attn.v_proj"))], AutoBitQuantizer.DefaultFusedGroups).Count);

    [Fact]
    public void Manual_assignment_takes_the_first_candidate_whose_rules_take_the_layer()
    {
        var attention = new GptqQuantizer { WBits = 8, Selection = new() { IncludeLayerKeywords = ["self_attn"] } };
        var query = new GptqQuantizer { WBits = 2, Selection = new() { IncludeLayerKeywords = ["q_proj", "down_proj"] } };
        var first = new RtnQuantizer { WBits = 3, Selection = new() { NumLayers = 1, IncludeLayerKeywords = ["up_proj"] } };

        var plan = ManualAssignment.Of(new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Manual, Quantizers = [attention, query, first] }, Layers);

        Assert.Equal((6 * 4) + 6 + 1, plan.Count);
        Assert.All(plan.Where(layer => layer.Layer.Name.Contains("self_attn", StringComparison.Ordinal)), layer => Assert.Same(attention, layer.Quantizer));
        Assert.All(plan.Where(layer => layer.Layer.Name.Contains("down_proj", StringComparison.Ordinal)), layer => Assert.Same(query, layer.Quantizer));
        Assert.Equal("model.layers.0.mlp.up_proj", Assert.Single(plan, layer => layer.Quantizer == first).Layer.Name);
    }

    [Fact]
    public void A_selection_takes_everything_but_the_head() =>
        Assert.Equal(Layers.Where(layer => layer.Block >= 0), new LayerSelection().Select(Layers));

    [Fact]
    public void Other_layer_types_take_nothing() => Assert.Empty(new LayerSelection { TargetLayerTypes = ["Conv1d"] }.Select(Layers));

    [Fact]
    public void The_rules_apply_in_their_order()
    {
        var selection = new LayerSelection
        {
            IncludeLayerNames = ["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj", "model.layers.1.mlp.up_proj", "model.layers.2.mlp.up_proj", "model.layers.3.mlp.up_proj", "lm_head"],
            IncludeLayerKeywords = ["mlp", "lm_head"],
            ExcludeLayerNames = ["model.layers.0.mlp.up_proj", "lm_head"],
            ExcludeLayerKeywords = ["layers.2"],
            NumLayers = 1,
        };

        Assert.Equal(["model.layers.1.mlp.up_proj"], selection.Select(Layers).Select(layer => layer.Name));
        Assert.Equal(
            ["model.layers.1.mlp.up_proj", "model.layers.3.mlp.up_proj"], (selection with { NumLayers = null }).Select(Layers).Select(layer => layer.Name));
    }

    [Fact]
    public void Names_are_exact_and_keywords_are_parts_in_this_case()
    {
        Assert.Empty(new LayerSelection { IncludeLayerNames = ["self_attn.q_proj"] }.Select(Layers));
        Assert.Equal(6, new LayerSelection { IncludeLayerKeywords = ["q_pro"] }.Select(Layers).Count);
        Assert.Empty(new LayerSelection { IncludeLayerKeywords = ["Q_PROJ"] }.Select(Layers));
        Assert.Contains(Layers[^1], new LayerSelection { ExcludeLayerNames = [] }.Select(Layers));
    }

    [Fact]
    public void Bits_and_group_sizes_by_module_override_those_of_the_mlp_and_those_the_rest()
    {
        var gptq = new GptqQuantizer { WBits = 4, GroupSize = 128, MlpWBits = 3, MlpGroupSize = 64, ModuleWBits = [new("down_proj", 8), new("proj", 2), new("q_proj", 5)] };

        Assert.Equal((8, 64), SchemeOf(gptq, "mlp.down_proj"));
        Assert.Equal((2, 128), SchemeOf(gptq, "self_attn.q_proj")); // the first part that fits
        Assert.Equal((3, 64), SchemeOf(gptq with { ModuleWBits = [] }, "mlp.up_proj"));
        Assert.Equal((4, 128), SchemeOf(gptq with { ModuleWBits = [] }, "self_attn.o_proj"));
    }

    private static (int Bits, int GroupSize) SchemeOf(GptqQuantizer quantizer, string module)
    {
        var scheme = quantizer.SchemeFor(Layers.First(layer => layer.Module == module));
        return (scheme.CodeBits, scheme.GroupSize);
    }
}
