using OneComp.Models;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

/// <summary>Layers that a decoder restores, in a checkpoint that lacks their weights.</summary>
public sealed class WeightDecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WeightDecoderTests() => CheckpointEditor.Rewrite(
        ModelFolders.Architecture("qwen2"), _folder.Path,
        (spec, data) => spec.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) ? null : (spec, data));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_decoded_weight_takes_the_place_of_the_tensor()
    {
        using var model = CausalModel.Open(_folder.Path, new Halves([64, 64]));
        using var block = model.LoadBlock(0, CPU, ScalarType.BFloat16);
        var weight = block.Weight(block.Layers[0]);
        Assert.Equal(ScalarType.BFloat16, weight.dtype);
        Assert.Equal(0.5f * 64 * 64, weight.to(ScalarType.Float32).sum().item<float>());
    }

    [Fact]
    public void ReadWeight_gives_the_decoded_weight_and_others_as_stored()
    {
        using var model = CausalModel.Open(_folder.Path, new Halves([64, 64]));
        using var decoded = model.ReadWeight(model.Topology.Layers[0]);
        using var stored = model.ReadWeight(model.Topology.Layers[1]);
        Assert.Equal(0.5f, decoded[3, 5].item<float>());
        var entry = model.Checkpoint.Require("model.layers.0.self_attn.k_proj.weight");
        Assert.Equal(model.Checkpoint.ReadSingle(entry), stored.data<float>().ToArray());
    }

    [Fact]
    public void A_decoded_weight_of_another_shape_is_refused()
    {
        using var model = CausalModel.Open(_folder.Path, new Halves([64, 32]));
        var error = Assert.Throws<ModelException>(() => model.LoadBlock(0, CPU, ScalarType.Float32));
        Assert.Equal(ModelError.TensorShapeWrong, error.Error);
    }

    [Fact]
    public void Without_the_decoder_the_weight_is_missing()
    {
        using var model = CausalModel.Open(_folder.Path);
        var error = Assert.Throws<ModelException>(() => model.LoadBlock(0, CPU, ScalarType.Float32));
        Assert.Equal(ModelError.TensorMissing, error.Error);
    }

    /// <summary>Says that every q_proj is full of halves.</summary>
    private sealed class Halves(long[] shape) : IWeightDecoder
    {
        public bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => layer.Module == "self_attn.q_proj";

        public Tensor Decode(Checkpoint checkpoint, LinearLayer layer) => full(shape, 0.5f);
    }
}
