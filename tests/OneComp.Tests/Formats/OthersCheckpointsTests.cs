using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization.Gptq;
using OneComp.Safetensors;
using OneComp.Tests.Export;
using OneComp.Tests.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Formats;

/// <summary>gptq and compressed-tensors checkpoints as others write them: fewer words, no g_idx, other fields, other layouts.</summary>
public class OthersCheckpointsTests
{
    [Theory]
    [InlineData(2, 32, true)]
    [InlineData(3, 32, false)]
    [InlineData(4, 32, true)]
    [InlineData(8, 32, false)]
    [InlineData(4, -1, true)]
    public void Words_that_hold_no_padding_and_groups_without_g_idx_read_to_the_same_weights(int bits, int groupSize, bool sym)
    {
        using var folder = new QuantizedFolder("ragged", QuantizedFolder.Rtn(bits, groupSize, sym)); // sides of 40 and 104: padding everywhere
        using var others = Rewrite(folder.Path, (spec, data) => Field(spec) switch
        {
            "g_idx" => null,
            "qweight" => Shorten(spec, data, 0, WordsOf(spec, bits, folder.Path)),
            "qzeros" => Shorten(spec, data, 1, WordsOf(spec, bits, folder.Path)),
            _ => (spec, data),
        });
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(others.Path));
        Assert.All(ModelImport.Layers(others.Path), row => Assert.Equal((bits, groupSize, sym, false), ((int)row.Bits, row.GroupSize, row.Symmetric, row.ActOrder)));
    }

    [Fact]
    public void Act_order_of_others_is_read_by_its_g_idx()
    {
        using var folder = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 4, GroupSize = 16, ActOrder = true });
        using var others = Rewrite(folder.Path, (spec, data) => (spec, data), config => config.Remove("quantization_bits"));
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(others.Path));
        Assert.Contains(ModelImport.Layers(others.Path), row => row.ActOrder == true);
    }

    [Fact]
    public void Version_2_has_zero_points_as_they_are_and_goes_to_version_1_unless_one_is_0()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32, sym: false));
        using var second = Rewrite(
            folder.Path,
            (spec, data) => Field(spec) == "qzeros" ? (spec, Nibbles(data, zero => (zero + 1) & 15)) : (spec, data),
            config => config["checkpoint_format"] = "gptq_v2");
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(second.Path));
        OneComp.Export.ExportRun.Run(new() { Model = second.Path, Destination = folder.Beside("v1") });
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(folder.Beside("v1")));

        using var zero = Rewrite(second.Path, (spec, data) => Field(spec) == "qzeros" ? (spec, Nibbles(data, _ => 0)) : (spec, data));
        var error = Assert.Throws<OneComp.Export.ExportException>(() => OneComp.Export.ExportRun.Run(new() { Model = zero.Path, Destination = folder.Beside("none") }));
        Assert.Equal("ExportLayerValue", error.ErrorId);
    }

    [Theory]
    [InlineData("""{"quant_method": "gptq", "checkpoint_format": "marlin"}""", "'marlin'")]
    [InlineData("""{"quant_method": "bitsandbytes"}""", "'bitsandbytes'")]
    [InlineData("""{"bits": 4}""", "(no quant_method)")]
    [InlineData("""{"quant_method": "compressed-tensors", "format": "float-quantized", "config_groups": {}}""", "'float-quantized'")]
    [InlineData("""{"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"a": {"targets": ["Linear"], "input_activations": {}, "weights": {}}}}""", "quantized activations")]
    [InlineData("""{"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 4, "strategy": "tensor"}}}}""", "strategy tensor")]
    public void What_is_not_understood_is_named(string quantization, string named)
    {
        using var folder = new TemporaryFolder();
        ModelFolders.Copy(ModelFolders.Architecture("qwen2"), folder);
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        config["quantization_config"] = JsonNode.Parse(quantization);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        var error = Assert.Throws<QuantizedFormatException>(() => ModelImport.Read(folder.Path));
        Assert.Equal(QuantizedFormatError.UnknownMethod, error.Error);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Linear")]
    [InlineData("re:.*proj")]
    public void Config_groups_that_target_a_class_or_a_pattern_are_read(string target)
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var packed = folder.Export(OneComp.Export.ExportFormat.CompressedTensors).Model;
        using var others = Rewrite(packed, (spec, data) => (spec, data), config => config["config_groups"]!["group_0"]!["targets"] = new JsonArray(target));
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(others.Path));
    }

    [Fact]
    public void An_asymmetric_packed_layer_and_one_without_a_scheme_are_faults_that_name_the_layer()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var packed = folder.Export(OneComp.Export.ExportFormat.CompressedTensors).Model;
        using var asymmetric = Rewrite(packed, (spec, data) => (spec, data), config => config["config_groups"]!["group_0"]!["weights"]!["symmetric"] = false);
        using var untargeted = Rewrite(packed, (spec, data) => (spec, data), config => config["config_groups"]!["group_0"]!["targets"] = new JsonArray("model.layers.0.mlp.up_proj"));
        Assert.Contains("asymmetric", Assert.Throws<QuantizedFormatException>(() => ModelImport.Read(asymmetric.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("no config group", Assert.Throws<QuantizedFormatException>(() => ModelImport.Read(untargeted.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_one_row_says_what_it_holds()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var info = ModelImport.Read(folder.Path);
        Assert.Equal(("gptq", "Qwen2ForCausalLM", 14, 1, "4: 14", "32"), (info.Method, info.Architecture, info.Layers, info.PlainLayers, info.Bits, info.GroupSize));
        Assert.Equal(ModelTopology.Of(ModelConfig.Load(folder.Source)).TotalParameters, info.Parameters);
        Assert.Equal(QuantizedFormatError.NotQuantized, Assert.Throws<QuantizedFormatException>(() => ModelImport.Read(folder.Source)).Error);
    }

    private static TemporaryFolder Rewrite(string from, Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> change, Action<JsonObject>? configure = null)
    {
        var to = new TemporaryFolder();
        CheckpointEditor.Rewrite(from, to.Path, change);
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(to.File("config.json")))!;
        configure?.Invoke((JsonObject)config["quantization_config"]!);
        File.WriteAllText(to.File("config.json"), config.ToJsonString());
        return to;
    }

    private static string Field(TensorSpec spec) => spec.Name[(spec.Name.LastIndexOf('.') + 1)..];

    // ⌈side · bits / 32⌉ where ours fills 32 values.
    private static int WordsOf(TensorSpec spec, int bits, string folder)
    {
        var layer = ModelTopology.Of(ModelConfig.Load(folder)).Layers.Single(layer => spec.Name.StartsWith(layer.Name + ".", StringComparison.Ordinal));
        var side = Field(spec) == "qweight" ? layer.InFeatures : layer.OutFeatures;
        return ((side * bits) + 31) / 32;
    }

    private static (TensorSpec Spec, byte[] Data)? Shorten(TensorSpec spec, byte[] data, int axis, int words)
    {
        var (rows, columns) = ((int)spec.Shape[0], (int)spec.Shape[1]);
        var values = MemoryMarshal.Cast<byte, int>(data).ToArray();
        var kept = axis == 0 ? values[..(words * columns)] : [.. Enumerable.Range(0, rows).SelectMany(row => values.Skip(row * columns).Take(words))];
        return (spec with { Shape = axis == 0 ? [words, columns] : [rows, words] }, MemoryMarshal.AsBytes<int>(kept).ToArray());
    }

    private static byte[] Nibbles(byte[] data, Func<int, int> change) =>
        [.. data.Select(value => (byte)(change(value & 15) | (change(value >> 4) << 4)))];
}
