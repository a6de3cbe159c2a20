using OneComp.Models;
using OneComp.Runtime;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

/// <summary>Logits against those of Hugging Face transformers.</summary>
public class LogitsTests
{
    public static TheoryData<string> Architectures { get; } =
        ["llama-bias", "llama3-rope", "qwen2", "qwen3-tied-bf16-sharded", "mistral-window"];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Logits_equal_the_reference(string name)
    {
        var difference = DifferenceFromReference(ModelFolders.Architecture(name), name);
        Assert.True(difference <= 2e-4, $"{name}: logits are off by {difference}");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Logits_with_the_older_config_spelling_equal_the_reference(string name)
    {
        using var folder = new TemporaryFolder();
        ModelFolders.CopyWithOlderConfig(name, folder);
        var difference = DifferenceFromReference(folder.Path, name);
        Assert.True(difference <= 2e-4, $"{name}: logits are off by {difference}");
    }

    /// <summary>On a machine with a GPU this is the GPU.</summary>
    [Theory]
    [MemberData(nameof(Architectures))]
    public void Logits_on_the_best_device_equal_the_reference(string name)
    {
        var device = ComputeDevices.Parse("auto");
        var difference = DifferenceFromReference(ModelFolders.Architecture(name), name, device);
        Assert.True(difference <= 2e-4, $"{name} on {device}: logits are off by {difference}");
    }

    [Fact]
    public void Logits_of_tiny_llama_equal_the_reference()
    {
        using var reference = SafetensorsFile.Open(Repository.Data("tiny-llama-ref.safetensors"));
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var scope = NewDisposeScope();
        var ids = ForwardPass.Ids(reference, "calibration_ids")[..1, ..64];
        var difference = ForwardPass.MaxDifference(
            ForwardPass.Logits(model, ids)[0], ForwardPass.Values(reference, "logits_first64"));
        Assert.True(difference <= 2e-3, $"logits are off by {difference}");
    }

    [Fact]
    public void Logits_in_bfloat16_are_near_those_in_float32()
    {
        using var reference = SafetensorsFile.Open(Repository.Data("tiny-llama-ref.safetensors"));
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var scope = NewDisposeScope();
        var ids = ForwardPass.Ids(reference, "calibration_ids")[..1, ..64];
        var expected = ForwardPass.Values(reference, "logits_first64");
        var logits = ForwardPass.Logits(model, ids, ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        var relative = ((logits[0].to(ScalarType.Float32) - expected).norm() / expected.norm()).item<float>();
        Assert.True(relative < 0.02, $"relative distance {relative}");
    }

    private static float DifferenceFromReference(string folder, string name, Device? device = null)
    {
        using var reference = SafetensorsFile.Open(Repository.Data("architectures", name, "expected.safetensors"));
        using var model = CausalModel.Open(folder);
        using var scope = NewDisposeScope();
        Action<DecoderBlock>? prepare = model.Config.TorchDType == DType.BF16 ? RoundRotaryFrequencies : null;
        var logits = ForwardPass.Logits(model, ForwardPass.Ids(reference, "input_ids"), prepare: prepare, device: device);
        return ForwardPass.MaxDifference(logits, ForwardPass.Values(reference, "logits"));
    }

    /// <summary>
    /// The one bfloat16 reference was computed on a model that had been cast to bfloat16 as a whole, its rotary frequencies
    /// included, and back. Loaded from its files it keeps them in float32, as we do and as tiny-llama's reference does.
    /// </summary>
    private static void RoundRotaryFrequencies(DecoderBlock block)
    {
        for (var i = 0; i < block.RotaryFrequencies.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(block.RotaryFrequencies[i]);
            var nearestEven = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
            block.RotaryFrequencies[i] = BitConverter.UInt32BitsToSingle(nearestEven);
        }
    }
}
