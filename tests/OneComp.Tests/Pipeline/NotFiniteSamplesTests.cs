using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Hessians;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline;

/// <summary>Calibration windows that are NaN or infinite after a block.</summary>
public sealed class NotFiniteSamplesTests : IDisposable
{
    private const int Samples = 20;
    private readonly TemporaryFolder _folder = new();
    private readonly Messages _messages = new();

    [Fact]
    public void One_leaves_the_hessians_of_the_stages_after_it_and_both_streams()
    {
        using var model = Open(SpikeModel.NotFinite);
        var windows = SpikeModel.Windows(Samples, 13);
        var (full, quantized) = (Embed(model, windows), Embed(model, windows));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(full, quantized, Guard());
        var tokens = new Dictionary<BlockStage, long>();
        Tensor? last = null;
        Run(pass, block, (stage, hessian) =>
        {
            tokens.Add(stage, hessian.Tokens);
            last = stage == BlockStage.MlpOutput ? hessian.Matrix().DetachFromDisposeScope() : null;
        });

        using var scope = NewDisposeScope();
        var expected = HessianOfLastStage(model, SpikeModel.Without(windows, 13));
        Assert.Equal(Samples * SpikeModel.Length, tokens[BlockStage.MlpInput]);
        Assert.Equal((Samples - 1) * SpikeModel.Length, tokens[BlockStage.MlpOutput]);
        Assert.True(last!.allclose(expected, rtol: 1e-4), "the Hessian is not the other windows'");
        Assert.DoesNotContain(13, full.Samples(0));
        Assert.Equal(full.Samples(0), quantized.Samples(0));
        Assert.True(full.Load(0).isfinite().all().item<bool>());
        var warning = Assert.Single(_messages.Warnings);
        Assert.Contains("Block 0", warning, StringComparison.Ordinal);
        Assert.Contains("sample 13", warning, StringComparison.Ordinal);
        last!.Dispose();
    }

    [Fact]
    public void One_that_only_the_quantized_stream_has_leaves_both()
    {
        using var model = Open((0.1f, 0.1f, 0.1f));
        var windows = SpikeModel.Windows(Samples, 4);
        var (full, quantized) = (Embed(model, windows), Embed(model, windows));
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(full, quantized, Guard());
        Run(pass, block, (stage, _) =>
        {
            foreach (var layer in stage == BlockStage.MlpInput ? block.LayersOf(stage) : [])
            {
                using var changed = block.Weight(layer).clone();
                changed[0, 0] = tensor(1e25f);
                block.SetWeight(layer, changed);
            }
        });

        Assert.DoesNotContain(4, full.Samples(0));
        Assert.Equal(full.Samples(0), quantized.Samples(0));
        Assert.Contains("sample 4", Assert.Single(_messages.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void More_than_a_tenth_is_an_error(bool propagated)
    {
        using var model = Open(SpikeModel.NotFinite);
        var windows = SpikeModel.Windows(Samples, 2, 3, 11);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(Embed(model, windows), Embed(model, windows), Guard());
        using var states = Embed(model, windows);

        var error = Assert.Throws<NumericException>(() =>
        {
            if (propagated)
            {
                Run(pass, block, (_, _) => { });
            }
            else
            {
                BlockWalk.Forward(block, states, default, guard: Guard());
            }
        });

        Assert.Equal(NumericError.TooManySamplesNotFinite, error.Error);
        Assert.Contains("2, 3, 11", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ratings_are_those_of_the_other_windows()
    {
        using var model = Open(SpikeModel.NotFinite);
        var windows = SpikeModel.Windows(Samples, 13);

        Assert.Equal(Costs(model, SpikeModel.Without(windows, 13)), Costs(model, windows), Close);
        Assert.Contains("Block 0: calibration sample 13", Assert.Single(_messages.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_whose_gradient_alone_is_not_finite_is_left_out_of_the_block_where_it_shows()
    {
        using var model = Open(SpikeModel.SteepBackwards);
        var windows = SpikeModel.Windows(Samples, 13);

        Assert.Equal(Costs(model, SpikeModel.Without(windows, 13))[0], Costs(model, windows)[0], Close); // block 1 still counts it
        Assert.Contains("Block 0, backward: calibration sample 13", Assert.Single(_messages.Warnings), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static HiddenStates Embed(CausalModel model, TokenWindows windows) =>
        EmbeddedStates.Of(model, TokenBatches.Of(windows, CPU), CPU, ScalarType.Float32);

    private static void Run(OnePass pass, DecoderBlock block, Action<BlockStage, LayerHessian> quantize) => pass.Run(
        block,
        stage => new LayerHessian(block.LayersOf(stage)[0].InFeatures, CPU, HessianType.Float32),
        (stage, hessian, _) => quantize(stage, hessian!),
        default);

    private static Tensor HessianOfLastStage(CausalModel model, TokenWindows windows)
    {
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(Embed(model, windows), Embed(model, windows));
        Tensor? found = null;
        Run(pass, block, (_, hessian) => found = hessian.Matrix());
        return found!;
    }

    private static bool Close(double expected, double actual) => Math.Abs(actual / expected - 1) < 1e-3;

    /// <summary>The cost of 3 bits, of a layer of each block.</summary>
    private double[] Costs(CausalModel model, TokenWindows windows)
    {
        string[] names = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj"];
        var quantizer = new AutoBitQuantizer { TargetBit = 3, Quantizers = [new RtnQuantizer { WBits = 3, GroupSize = 32 }] };
        using var costs = new QuantizedCosts(quantizer, names.ToHashSet(), CPU, null);
        new GradientPass(model, windows, CPU, ScalarType.Float32).Run(costs, _messages, default);
        return [.. names.Select(name => costs.Costs[name][0])];
    }

    private NumericGuard Guard() => new("spike", Samples, _messages);

    private CausalModel Open((float, float, float) spike) => CausalModel.Open(SpikeModel.Write(_folder.Path, spike));
}
