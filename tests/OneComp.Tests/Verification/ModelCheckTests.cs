using System.Text.Json.Nodes;
using OneComp.Export;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Safetensors;
using OneComp.Tests.Export;
using OneComp.Tests.Models;
using OneComp.Verification;

namespace OneComp.Tests.Verification;

/// <summary>Sound folders pass every check; each kind of damage fails its own, and names what is at fault.</summary>
public class ModelCheckTests
{
    private const string Layer = "model.layers.1.mlp.up_proj";

    [Theory]
    [InlineData("qwen3-tied-bf16-sharded")]
    [InlineData("llama-bias")]
    [InlineData("ragged")]
    public void A_folder_as_it_was_made_passes_every_check_against_its_source(string model)
    {
        using var folder = new QuantizedFolder(model, QuantizedFolder.Rtn(4, 32));
        AllPass(ModelCheck.Run(folder.Path, folder.Source));
        AllPass(ModelCheck.Run(folder.Export(ExportFormat.Gptq).Model, folder.Source));
        AllPass(ModelCheck.Run(folder.Export(ExportFormat.CompressedTensors).Model, folder.Source));
        AllPass(ModelCheck.Run(folder.Export(ExportFormat.Dequantized).Model, folder.Source));
    }

    [Fact]
    public void Act_order_and_factorized_folders_pass_too()
    {
        using var actOrder = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 3, GroupSize = 16, ActOrder = true, Sym = false });
        AllPass(ModelCheck.Run(actOrder.Path, actOrder.Source));
        using var dbf = new QuantizedFolder("qwen2", new DbfQuantizer { TargetBits = 1.5, Iters = 10 });
        AllPass(ModelCheck.Run(dbf.Path, dbf.Source));
    }

    [Fact]
    public void A_gguf_folder_passes_and_fails_where_its_file_is_cut_short()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var path = folder.Export(ExportFormat.Gguf).Model;
        AllPass(ModelCheck.Run(path));
        using (var file = File.OpenWrite(Path.Combine(path, "Gguf.gguf")))
        {
            file.SetLength(file.Length - 64);
        }

        Assert.Equal(["Gguf", "Hashes"], Failed(ModelCheck.Run(path)).Select(row => row.Check));
    }

    [Fact]
    public void Files_that_the_record_places_elsewhere_are_not_looked_at()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var outside = Path.Combine(Path.GetDirectoryName(folder.Path)!, "outside");
        File.WriteAllText(outside, "x");
        var record = Path.Combine(folder.Path, "onecomp.json");
        var json = JsonNode.Parse(File.ReadAllText(record))!;
        var known = new JsonObject { ["bytes"] = 1, ["sha256"] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" }; // of the x
        json["files"]!["../outside"] = known.DeepClone();
        json["files"]![outside] = known.DeepClone();
        File.WriteAllText(record, json.ToJsonString());
        var failed = Failed(ModelCheck.Run(folder.Path)).ToList();
        Assert.Equal(["../outside", outside], failed.Select(row => row.Target).Order(StringComparer.Ordinal));
        Assert.All(failed, row => Assert.Contains("outside the folder", row.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("scales", 0, 0x7e, "Layers", "NaN")] // the upper byte of a half: NaN
    [InlineData("g_idx", 0, 0x7f, "Layers", "g_idx")]
    [InlineData("g_idx", 4, 1, "Groups", "columns")]
    [InlineData("qzeros", 0, 0xff, "Zeros", "in two ways")]
    [InlineData("input_layernorm.weight", 3, 0x7f, "Values", "NaN")]
    public void A_changed_byte_fails_the_check_of_what_it_breaks(string tensor, int at, byte value, string check, string named)
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var name = tensor.StartsWith("input", StringComparison.Ordinal) ? "model.layers.1." + tensor : $"{Layer}.{tensor}";
        Patch(folder.Path, name, tensor == "scales" ? 1 : at, tensor.StartsWith("input", StringComparison.Ordinal) ? [0xc0, value] : [value], tensor.StartsWith("input", StringComparison.Ordinal) ? -1 : 0);
        var failed = Failed(ModelCheck.Run(folder.Path));
        var row = Assert.Single(failed, row => row.Check == check);
        Assert.Contains(named, row.Message, StringComparison.Ordinal);
        Assert.StartsWith("model.layers.1", row.Target, StringComparison.Ordinal);
        Assert.Contains(failed, row => row.Check == "Hashes" && row.Target == "model.safetensors");
    }

    [Fact]
    public void Codes_that_are_all_alike_were_never_written()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        Patch(folder.Path, Layer + ".qweight", 0, new byte[Size(folder.Path, Layer + ".qweight")], 0);

        Assert.Equal((Layer, "Every code is 0."), Failed(ModelCheck.Run(folder.Path)).Where(row => row.Check == "Codes").Select(row => (row.Target, row.Message)).Single());
    }

    [Theory]
    [InlineData("bits", "8", "Settings")]
    [InlineData("group_size", "16", "Settings")]
    [InlineData("sym", "true", "Settings")]
    [InlineData("quant_method", "\"awq\"", "Method")]
    public void A_setting_that_contradicts_the_tensors_fails(string field, string value, string check)
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32, sym: false));
        Configure(folder.Path, config =>
        {
            config.Remove("quantization_bits");
            config[field] = JsonNode.Parse(value);
        });
        var failed = Failed(ModelCheck.Run(folder.Path)).Where(row => row.Check is not "Hashes").ToList();
        Assert.All(failed, row => Assert.Equal(check, row.Check));
        Assert.Equal(check == "Method" ? 1 : 14, failed.Count);
    }

    [Fact]
    public void Desc_act_false_with_columns_in_another_order_fails()
    {
        using var folder = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 4, GroupSize = 16, ActOrder = true });
        Configure(folder.Path, config => config["desc_act"] = false);
        Assert.Contains(Failed(ModelCheck.Run(folder.Path)), row => row.Check == "Groups" && row.Message.Contains("desc_act", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cut_file_fails_its_header_and_a_lost_one_its_index()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        File.Copy(Path.Combine(folder.Path, "model.safetensors"), Path.Combine(folder.Path, "other.safetensors"));
        var rows = Failed(ModelCheck.Run(folder.Path)).ToList();
        Assert.Equal([("Index", "other.safetensors"), ("Hashes", "other.safetensors")], rows.Select(row => (row.Check, row.Target)));
        using (var file = File.OpenWrite(Path.Combine(folder.Path, "model.safetensors")))
        {
            file.SetLength(1000);
        }

        Assert.Contains(Failed(ModelCheck.Run(folder.Path)), row => (row.Check, row.Target) == ("Headers", "model.safetensors"));
    }

    [Fact]
    public void What_the_source_has_and_the_result_has_not_is_named_and_the_other_way_round()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        CheckpointEditor.Add(folder.Source, "score.weight");
        CheckpointEditor.Add(folder.Path, "other.weight");
        var failed = Failed(ModelCheck.Run(folder.Path, folder.Source)).Where(row => row.Check == "SourceTensors").ToList();
        Assert.Equal(["score.weight", "other.weight"], failed.Select(row => row.Target));
    }

    [Fact]
    public void A_plain_tensor_that_is_not_the_source_s_and_a_layer_of_another_model_fail()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        Patch(folder.Path, "model.norm.weight", 5, [0x11], 0);
        Patch(folder.Path, Layer + ".scales", 1, [0x44], 0); // about 4: far beyond any weight
        var failed = Failed(ModelCheck.Run(folder.Path, folder.Source));
        Assert.Contains(failed, row => row.Check == "SourceBytes" && row.Target == "model.norm.weight" && row.Message.Contains("byte ", StringComparison.Ordinal));
        Assert.Contains(failed, row => row.Check == "SourceWeights" && row.Target == Layer);
    }

    [Fact]
    public void The_verdict_is_the_last_row_and_counts_checks()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var rows = ModelCheck.Run(folder.Path);
        Assert.Equal(("Verdict", true, $"{rows.Count - 1} checks passed."), (rows[^1].Check, rows[^1].Passed, rows[^1].Message));
        File.Delete(Path.Combine(folder.Path, "tokenizer.json"));
        rows = ModelCheck.Run(folder.Path);
        Assert.Equal((false, $"1 of {rows.Count - 1} checks failed."), (rows[^1].Passed, rows[^1].Message));
    }

    private static void AllPass(IReadOnlyList<CheckResult> rows)
    {
        Assert.Equal([], rows.Where(row => !row.Passed).Select(row => $"{row.Check} {row.Target}: {row.Message}"));
        Assert.True(rows.Count >= 3);
    }

    private static IEnumerable<CheckResult> Failed(IReadOnlyList<CheckResult> rows) => rows.Where(row => !row.Passed && row.Check != "Verdict");

    private static void Patch(string folder, string tensor, int at, byte[] bytes, int back)
    {
        TensorEntry entry;
        using (var checkpoint = Checkpoint.Open(folder))
        {
            entry = checkpoint.Require(tensor);
        }

        using var file = File.OpenWrite(entry.File);
        file.Position = entry.Offset + at + back;
        file.Write(bytes);
    }

    private static long Size(string folder, string tensor)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Require(tensor).ByteCount;
    }

    private static void Configure(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, "config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change((JsonObject)config["quantization_config"]!);
        File.WriteAllText(path, config.ToJsonString());
    }
}
