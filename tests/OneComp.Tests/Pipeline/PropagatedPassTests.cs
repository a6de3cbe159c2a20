using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline;

/// <summary>The walk of two streams through a block, stage by stage.</summary>
public class PropagatedPassTests
{
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, 3 * 16).Select(i => (i * 37) % 4000)], 16);

    [Fact]
    public void Both_streams_leave_as_the_whole_block_does_where_nothing_is_changed()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var (full, quantized, expected) = (Embed(model), Embed(model), Embed(model));
        using var pass = new OnePass(full, quantized);
        pass.Run(block, _ => null, (_, _, _) => { }, default);
        BlockWalk.Forward(block, expected, default);

        using var scope = NewDisposeScope();
        Assert.True(full.Load(0).allclose(expected.Load(0), atol: 1e-5));
        Assert.True(quantized.Load(0).allclose(expected.Load(0), atol: 1e-5));
        expected.Dispose();
    }

    [Fact]
    public void A_stage_is_calibrated_on_what_the_changed_stages_before_it_give()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var changed = model.LoadBlock(0, CPU, ScalarType.Float32);
        var value = changed.Layers.Single(layer => layer.Module == "self_attn.v_proj");
        using (var half = changed.Weight(value) * 0.5)
        {
            changed.SetWeight(value, half);
        }

        using var expected = new LayerHessian(256, CPU, HessianType.Float32);
        using var before = Embed(model);
        BlockWalk.Observe(changed, before, Add, default);
        double actual = 0;
        using var pass = new OnePass(Embed(model), Embed(model));
        pass.Run(
            block,
            stage => new LayerHessian(stage == BlockStage.MlpOutput ? model.Config.IntermediateSize : 256, CPU, HessianType.Float32),
            (stage, hessian, _) =>
            {
                using var scope = NewDisposeScope();
                if (stage == BlockStage.AttentionInput)
                {
                    block.SetWeight(value, block.Weight(value) * 0.5);
                }
                else if (stage == BlockStage.AttentionOutput)
                {
                    actual = hessian!.Matrix().sum().item<float>();
                }
            },
            default);

        using var sum = expected.Matrix().sum();
        Assert.InRange(actual / sum.item<float>(), 0.9999, 1.0001);

        void Add(LinearLayer layer, Tensor input)
        {
            if (layer.Module == "self_attn.o_proj")
            {
                expected.Add(input);
            }
        }
    }

    [Fact]
    public void A_cancelled_token_stops_it()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(Embed(model), Embed(model));
        Assert.Throws<OperationCanceledException>(() => pass.Run(block, _ => null, (_, _, _) => { }, new CancellationToken(true)));
    }

    private static HiddenStates Embed(CausalModel model)
    {
        var ids = TokenBatches.Of(Windows, CPU);
        return EmbeddedStates.Of(model, ids, CPU, ScalarType.Float32);
    }
}
