using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;

namespace OneComp.Tests.Formats;

public class QuantizationConfigTests
{
    private static readonly ModelTopology Topology = ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama));

    private static readonly GptqQuantizer Four = new() { WBits = 4, PercDamp = 0.02 };

    [Fact]
    public void One_scheme_for_every_layer_is_gptq_in_both_spellings()
    {
        var config = ConfigOf(_ => Four);

        Assert.Equal("gptq", (string?)config["quant_method"]);
        Assert.Equal("gptq", (string?)config["checkpoint_format"]);
        Assert.Equal(4, (int?)config["bits"]);
        Assert.Equal((128, 128), ((int?)config["group_size"], (int?)config["groupsize"]));
        Assert.Equal((false, false), ((bool?)config["desc_act"], (bool?)config["actorder"]));
        Assert.True((bool?)config["sym"]);
        Assert.Equal(0.02, (double?)config["damp_percent"]);
    }

    [Fact]
    public void Bits_are_a_whole_number_in_the_file() => Assert.Contains("\"bits\":4,", ConfigOf(_ => Four).ToJsonString(), StringComparison.Ordinal);

    [Fact]
    public void Act_order_and_asymmetry_are_told_in_both_spellings()
    {
        var config = ConfigOf(_ => Four with { ActOrder = true, Sym = false, GroupSize = -1 });

        Assert.Equal((true, true), ((bool?)config["desc_act"], (bool?)config["actorder"]));
        Assert.Equal((-1, -1), ((int?)config["group_size"], (int?)config["groupsize"]));
        Assert.False((bool?)config["sym"]);
    }

    [Fact]
    public void Layers_of_different_bits_are_mixed_and_the_most_weights_speak_for_the_whole()
    {
        var config = ConfigOf(layer => Four with { WBits = layer.Module.StartsWith("mlp", StringComparison.Ordinal) ? 3 : 8 });

        Assert.Equal("mixed_gptq", (string?)config["quant_method"]);
        Assert.Equal(3, (int?)config["bits"]);
    }

    [Fact]
    public void A_layer_left_out_of_some_blocks_makes_it_mixed()
    {
        var config = ConfigOf(layer => layer.Name == "model.layers.2.mlp.up_proj" ? null : Four);

        Assert.Equal("mixed_gptq", (string?)config["quant_method"]);
        Assert.False(((JsonObject)config["quantization_bits"]![2]!).ContainsKey("mlp.up_proj"));
    }

    [Fact]
    public void A_module_left_out_of_every_block_leaves_it_uniform()
    {
        var config = ConfigOf(layer => layer.Module == "mlp.down_proj" ? null : Four);

        Assert.Equal("gptq", (string?)config["quant_method"]);
        Assert.Equal(
            """[["self_attn.q_proj","self_attn.k_proj","self_attn.v_proj"],["self_attn.o_proj"],["mlp.gate_proj","mlp.up_proj"]]""",
            config["modules_in_block_to_quantize"]!.ToJsonString());
    }

    [Fact]
    public void Quantization_bits_give_each_blocks_layers_their_bits_method_and_group_size()
    {
        var bits = (JsonArray)ConfigOf(layer => Four with { WBits = layer.Block == 1 ? 2 : 4, GroupSize = layer.Block == 1 ? 64 : 128 })["quantization_bits"]!;

        Assert.Equal(6, bits.Count);
        Assert.All(bits, block => Assert.Equal(7, ((JsonObject)block!).Count));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"bits": 2, "method": "gptq", "params": {"group_size": 64}}"""), bits[1]!["self_attn.q_proj"]));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"bits": 4, "method": "gptq", "params": {"group_size": 128}}"""), bits[5]!["mlp.down_proj"]));
    }

    [Fact]
    public void Rounded_layers_are_saved_as_gptq_too() =>
        Assert.Equal("gptq", (string?)ConfigOf(_ => new RtnQuantizer { WBits = 4 })["quant_method"]);

    private static JsonObject ConfigOf(Func<LinearLayer, WeightQuantizer?> quantizerOf)
    {
        PlannedLayer[] layers = [.. Topology.Layers
            .Where(layer => layer.Block >= 0 && quantizerOf(layer) is not null)
            .Select(layer => new PlannedLayer(layer, quantizerOf(layer)!))];
        return QuantizationConfig.Of(
            new QuantizationPlan(layers, new AssignmentSummary { Model = "m", Strategy = "manual", EffectiveBits = 4 }), 6);
    }
}
