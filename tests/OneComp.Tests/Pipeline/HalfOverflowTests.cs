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

/// <summary>A block that overflows in float16 and not in float32.</summary>
public sealed class HalfOverflowTests : IDisposable
{
    private const int Samples = 20;
    private static readonly TokenWindows Windows = SpikeModel.Windows(Samples, 13);
    private readonly TemporaryFolder _folder = new();
    private readonly Messages _messages = new();
    private readonly CausalModel _model;

    public HalfOverflowTests() => _model = CausalModel.Open(SpikeModel.Write(_folder.Path, SpikeModel.BeyondHalf));

    [Fact]
    public void Unguarded_it_gives_infinity()
    {
        using var block = _model.LoadBlock(0, CPU, ScalarType.Float16);
        using var states = Embed(ScalarType.Float16);
        BlockWalk.Forward(block, states, default);
        using var scope = NewDisposeScope();
        Assert.False(states.Load(0).isfinite().all().item<bool>());
    }

    [Fact]
    public void Its_pass_is_taken_in_float32_and_no_window_is_lost()
    {
        using var states = Embed(ScalarType.Float16);
        using var expected = Embed(ScalarType.Float32);
        using (var half = _model.LoadBlock(0, CPU, ScalarType.Float16))
        {
            BlockWalk.Forward(half, states, default, guard: Guard());
            Assert.Equal(ScalarType.Float32, half.Type);
        }

        using (var block = _model.LoadBlock(0, CPU, ScalarType.Float32))
        {
            BlockWalk.Forward(block, expected, default);
        }

        AssertClose(expected, states);
        AssertOneWarning();
    }

    [Fact]
    public void Both_streams_of_error_propagation_go_on_in_float32()
    {
        var (full, quantized) = (Embed(ScalarType.Float16), Embed(ScalarType.Float16));
        using var expected = Embed(ScalarType.Float32);
        using var block = _model.LoadBlock(0, CPU, ScalarType.Float16);
        using var wide = _model.LoadBlock(0, CPU, ScalarType.Float32);
        using var pass = new OnePass(full, quantized, Guard());
        pass.Run(
            block,
            stage => new LayerHessian(block.LayersOf(stage)[0].InFeatures, CPU, HessianType.Float32),
            (_, hessian, _) =>
            {
                using var scope = NewDisposeScope();
                Assert.True(hessian!.Matrix().isfinite().all().item<bool>());
            },
            default);
        BlockWalk.Forward(wide, expected, default);

        AssertClose(expected, full);
        AssertClose(expected, quantized);
        AssertOneWarning();
    }

    [Fact]
    public void Ratings_are_float32s()
    {
        var expected = Costs(ScalarType.Float32);
        var actual = Costs(ScalarType.Float16);
        Assert.Equal(expected, actual, (e, a) => Math.Abs((a / e) - 1) < 0.05);
        AssertOneWarning();
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static void AssertClose(HiddenStates expected, HiddenStates actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Samples, actual.Samples(0).Count);
        Assert.True(actual.Load(0).allclose(expected.Load(0), rtol: 0.01, atol: 0.01), "other values than float32 gives");
    }

    private void AssertOneWarning() => Assert.Equal("Block 0: overflows in Float16; it is computed in Float32 instead.", Assert.Single(_messages.Warnings));

    private HiddenStates Embed(ScalarType type) => EmbeddedStates.Of(_model, TokenBatches.Of(Windows, CPU), CPU, type);

    private NumericGuard Guard() => new("spike", Samples, _messages);

    private double[] Costs(ScalarType type)
    {
        var names = _model.Topology.LayersOf(0).Concat(_model.Topology.LayersOf(1)).Select(layer => layer.Name).ToList();
        var quantizer = new AutoBitQuantizer { TargetBit = 3, Quantizers = [new RtnQuantizer { WBits = 3, GroupSize = 32 }] };
        using var costs = new QuantizedCosts(quantizer, names.ToHashSet(), CPU, null);
        new GradientPass(_model, Windows, CPU, type).Run(costs, _messages, default);
        return [.. names.Select(name => costs.Costs[name][0])];
    }
}
