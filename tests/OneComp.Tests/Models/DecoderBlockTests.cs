using OneComp.Models;
using OneComp.Runtime;
using OneComp.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

public class DecoderBlockTests
{
    private const int Tokens = 40; // longer than mistral-window's window

    [Theory]
    [MemberData(nameof(LogitsTests.Architectures), MemberType = typeof(LogitsTests))]
    public void The_walk_over_the_stages_equals_the_whole_block(string name)
    {
        using var model = CausalModel.Open(ModelFolders.Architecture(name));
        using var block = model.LoadBlock(1, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        var hidden = RandomHidden();
        Assert.Equal(0f, ForwardPass.MaxDifference(block.Forward(hidden), Walk(block, hidden)));
    }

    [Fact]
    public void Each_stage_holds_the_input_of_its_layers()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("llama-bias"));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        var hidden = RandomHidden();
        var inputs = new Dictionary<LinearLayer, Tensor>();
        block.Forward(hidden, (layer, input, _) => inputs.Add(layer, input.clone().MoveToOtherDisposeScope(scope)));
        Assert.Equal(block.Layers, inputs.Keys);

        var state = block.Enter(hidden);
        for (var stage = BlockStage.AttentionInput; stage <= BlockStage.MlpOutput; stage++)
        {
            Assert.Equal(stage, state.Stage);
            Assert.All(block.LayersOf(stage), layer => Assert.Equal(0f, ForwardPass.MaxDifference(inputs[layer], state.Input)));
            Assert.All(block.LayersOf(stage), layer => Assert.Equal(layer.InFeatures, state.Input.shape[^1]));
            if (stage != BlockStage.MlpOutput)
            {
                using var done = state;
                state = block.Advance(done);
            }
        }

        state.Dispose();
    }

    [Theory]
    [InlineData("llama-bias")]
    [InlineData("qwen3-tied-bf16-sharded")]
    [InlineData("mistral-window")]
    public void The_gradient_to_the_input_is_the_slope(string name)
    {
        using var model = CausalModel.Open(ModelFolders.Architecture(name));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        var hidden = RandomHidden().requires_grad_();
        var weights = randn_like(hidden);
        (block.Forward(hidden) * weights).sum().backward();

        var direction = hidden.grad! / hidden.grad!.norm();
        using var off = no_grad();
        const float Step = 1e-2f;
        var rise = (block.Forward(hidden + (Step * direction)) - block.Forward(hidden - (Step * direction))) * weights;
        var slope = rise.sum().item<float>() / (2 * Step);
        Assert.Equal(1f, slope / hidden.grad!.norm().item<float>(), 0.01f);
    }

    [Fact]
    public void Gradients_flow_to_every_layers_output()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        var outputs = new List<(LinearLayer Layer, Tensor Output)>();
        var result = block.Forward(RandomHidden().requires_grad_(), (layer, _, output) =>
        {
            output.retain_grad();
            outputs.Add((layer, output.DetachFromDisposeScope()));
        });
        var upstream = randn_like(result);
        result.backward([upstream]);

        Assert.Equal(block.Layers, outputs.Select(pair => pair.Layer));
        foreach (var (layer, output) in outputs)
        {
            using var gradient = output.grad!;
            Assert.Equal(output.shape, gradient.shape);
            Assert.True(gradient.abs().sum().item<float>() > 0, $"the gradient of {layer.Name} is zero");
            output.Dispose();
        }
    }

    [Fact]
    public void The_last_layers_output_gets_the_blocks_gradient_unchanged()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        Tensor? last = null;
        var result = block.Forward(RandomHidden().requires_grad_(), (layer, _, output) =>
        {
            if (layer.Module == "mlp.down_proj")
            {
                output.retain_grad();
                last = output.DetachFromDisposeScope();
            }
        });
        var upstream = randn_like(result);
        result.backward([upstream]);
        Assert.Equal(0f, ForwardPass.MaxDifference(upstream, last!.grad!));
        last.Dispose();
    }

    [Fact]
    public void A_weight_that_was_set_is_used_and_keeps_its_type()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.BFloat16);
        using var scope = NewDisposeScope();
        var layer = block.LayersOf(BlockStage.MlpOutput).Single();
        block.SetWeight(layer, zeros([256, 640], ScalarType.Float32));
        Assert.Equal(ScalarType.BFloat16, block.Weight(layer).dtype);

        using var state = block.Enter(randn([1, 8, 256], ScalarType.BFloat16));
        using var second = block.Advance(state);
        using var third = block.Advance(second);
        using var fourth = block.Advance(third);
        Assert.Equal(0f, ForwardPass.MaxDifference(block.Exit(fourth), third.Residual));
    }

    [Fact]
    public void A_weight_of_another_shape_is_refused()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var weight = zeros([1, 640]);
        var error = Assert.Throws<ArgumentException>(() => block.SetWeight(block.Layers[^1], weight));
        Assert.Contains("[1, 640] for model.layers.0.mlp.down_proj, expected [256, 640]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_another_block_is_refused()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        Assert.Throws<ArgumentException>(() => block.Weight(model.Topology.LayersOf(1)[0]));
    }

    [Fact]
    public void Stages_out_of_turn_are_refused()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var scope = NewDisposeScope();
        using var state = block.Enter(RandomHidden());
        Assert.Throws<ArgumentException>(() => block.Exit(state));
        using var last = new StageState(BlockStage.MlpOutput, zeros(1), zeros(1));
        Assert.Throws<ArgumentException>(() => block.Advance(last));
    }

    [Fact]
    public void Nothing_is_left_allocated_outside_a_dispose_scope()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("mistral-window"));
        DisposeScopeManager.Statistics.Reset();
        using (var hidden = RandomHidden())
        using (var block = model.LoadBlock(0, CPU, ScalarType.Float32))
        {
            Walk(block, hidden).Dispose();
            block.Forward(hidden).Dispose();
        }

        Assert.Equal(0, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor RandomHidden()
    {
        TorchRuntime.EnsureLoaded();
        using var generator = new Generator(7, CPU);
        return randn([2, Tokens, 64], generator: generator);
    }

    private static Tensor Walk(DecoderBlock block, Tensor hidden)
    {
        using var first = block.Enter(hidden);
        using var second = block.Advance(first);
        using var third = block.Advance(second);
        using var fourth = block.Advance(third);
        return block.Exit(fourth);
    }
}
