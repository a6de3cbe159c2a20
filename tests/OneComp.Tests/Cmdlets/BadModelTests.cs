using System.Management.Automation;
using System.Text.Json.Nodes;

namespace OneComp.Tests.Cmdlets;

/// <summary>Models that cannot be quantized.</summary>
public sealed class BadModelTests : BadInputTest
{
    [Fact]
    public void A_folder_that_is_no_model()
    {
        Directory.CreateDirectory(Folder.File("empty"));
        var error = Refuses(Folder.File("empty"), "ModelConfigNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("config.json", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_weights()
    {
        var model = CopyOfTinyLlama();
        File.Delete(Path.Combine(model, "model.safetensors"));
        Refuses(model, "SafetensorsCheckpointNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void A_missing_shard()
    {
        var model = CopyOfTheShardedModel();
        var shard = Directory.GetFiles(model, "*.safetensors").Order(StringComparer.Ordinal).Last();
        File.Delete(shard);
        var error = Refuses(model, "SafetensorsIndexShardMissing", ErrorCategory.ObjectNotFound);
        Assert.Contains(Path.GetFileName(shard), error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_shard()
    {
        var model = CopyOfTheShardedModel();
        var shard = Directory.GetFiles(model, "*.safetensors").Order(StringComparer.Ordinal).Last();
        using (var file = File.OpenWrite(shard))
        {
            file.SetLength(file.Length - 1000);
        }

        var error = Refuses(model, "SafetensorsOffsetsOutsideFile", ErrorCategory.InvalidData);
        Assert.Contains(Path.GetFileName(shard), error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_named_with_the_known_ones()
    {
        var model = CopyOfTinyLlama();
        ChangeConfig(model, config => config["architectures"] = new JsonArray("GPT2LMHeadModel"));
        var error = Refuses(model, "ModelArchitectureUnknown", ErrorCategory.NotImplemented);
        Assert.All(
            (string[])["GPT2LMHeadModel", "LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"],
            name => Assert.Contains(name, error.Exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Rtn)]
    [InlineData(Gptq)]
    [InlineData("New-AutoBitQuantizer 3 -AssignmentStrategy ilp")]
    [InlineData("New-AutoBitQuantizer 3 -NumCalibSamples 4 -CalibSeqLen 64")]
    public void A_NaN_weight_is_named(string quantizer)
    {
        const string tensor = "model.layers.0.mlp.up_proj.weight"; // of the first block: a later one is found with blocks done to go on from
        var error = Refuses(CopyWithNaN(tensor), "ModelTensorNotFinite", ErrorCategory.InvalidData, quantizer);
        Assert.Contains(tensor, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(tensor, error.TargetObject);
    }

    [Fact]
    public void A_model_that_is_quantized_already()
    {
        var model = CopyOfTinyLlama();
        ChangeConfig(model, config => config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" });
        Refuses(model, "QuantizedFormatAlreadyQuantized", ErrorCategory.InvalidArgument);
    }
}
