using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

/// <summary>The way back through a block against the tensor library's own, recorded over the whole block.</summary>
public class BlockBackTests
{
    [Theory]
    [InlineData("llama-bias")]
    [InlineData("llama3-rope")]
    [InlineData("qwen2")]
    [InlineData("qwen3-tied-bf16-sharded")]
    [InlineData("mistral-window")]
    public void Gradients_are_those_that_are_recorded(string architecture)
    {
        using var model = CausalModel.Open(ModelFolders.Architecture(architecture));
        using var scope = NewDisposeScope();
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        manual_seed(4);
        var (hidden, gradient) = (randn(2, 7, model.Config.HiddenSize), randn(2, 7, model.Config.HiddenSize));
        var (ofHidden, layers) = block.Back(hidden, gradient);

        var recorded = Recorded(block, hidden, gradient, out var wanted);
        AssertClose(recorded[0], ofHidden);
        Assert.Equal(block.Layers.Select(layer => layer.Name).Order(), layers.Select(layer => layer.Layer.Name).Order());
        foreach (var ((layer, input), expected) in wanted.Zip(recorded[1..]))
        {
            var found = layers.Single(given => given.Layer.Name == layer.Name);
            AssertClose(input, found.Input);
            AssertClose(expected, found.Gradient);
        }
    }

    [Fact]
    public void Layers_that_read_one_input_share_a_tensor()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("llama-bias"));
        using var scope = NewDisposeScope();
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var (_, layers) = block.Back(randn(1, 3, model.Config.HiddenSize), randn(1, 3, model.Config.HiddenSize));
        Assert.Equal(4, layers.Select(layer => layer.Input).Distinct().Count()); // attention in and out, MLP in and out
    }

    private static Tensor[] Recorded(DecoderBlock block, Tensor hidden, Tensor gradient, out List<(LinearLayer Layer, Tensor Input)> layers)
    {
        using var grad = enable_grad();
        var (inputs, outputs) = (new List<(LinearLayer, Tensor)>(), new List<Tensor>());
        var leaf = hidden.detach().requires_grad_();
        var output = block.Forward(leaf, (layer, input, result) =>
        {
            inputs.Add((layer, input.detach().DetachFromDisposeScope()));
            outputs.Add(result.DetachFromDisposeScope());
        });
        layers = inputs;
        return [.. autograd.grad([output], [leaf, .. outputs], [gradient])];
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= 1e-5f * Math.Max(1, expected.abs().max().item<float>()), $"off by {difference}");
    }
}
