using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>Memory that runs out: batches are halved, and nothing is summed up twice.</summary>
public class OutOfMemoryTests
{
    private const int Count = 7;
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, Count * 16).Select(i => (i * 37) % 4000)], 16);

    [Theory]
    [InlineData(6)]
    [InlineData(3)]
    [InlineData(1)]
    public void A_batch_is_taken_in_pieces_that_fit(int most)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var expected = Embed(model);
        using var states = Embed(model);
        var pieces = new List<int>();
        states.BeforePiece = rows => Fit(rows, most, pieces);
        BlockWalk.Forward(block, expected, default, (_, _, _) => { });
        BlockWalk.Forward(block, states, default, (_, _, _) => { });

        using var scope = NewDisposeScope();
        Assert.True(states.Load(0).allclose(expected.Load(0), rtol: 1e-4, atol: 1e-5));
        Assert.Equal(Count, pieces.Sum());
        Assert.Equal(most == 6 ? 4 : most == 3 ? 2 : 1, pieces.Max());
        Assert.Equal(pieces.Max(), states.Places.RowsAtOnce(0)); // and it is not tried again
    }

    [Theory]
    [InlineData("mlp.down_proj")]
    [InlineData("self_attn.o_proj")]
    [InlineData("mlp.up_proj")]
    public void What_was_summed_up_before_memory_ran_out_is_not_summed_up_again(string module)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var expected = Sums(model, block, "none");
        var actual = Sums(model, block, module);
        try
        {
            foreach (var (layer, hessian) in expected)
            {
                using var scope = NewDisposeScope();
                Assert.Equal(Count * 16, hessian.Tokens);
                Assert.Equal(hessian.Tokens, actual[layer].Tokens);
                Assert.True(actual[layer].Matrix().allclose(hessian.Matrix(), rtol: 1e-4, atol: 1e-5), layer);
            }
        }
        finally
        {
            foreach (var hessian in expected.Values.Concat(actual.Values))
            {
                hessian.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public void Two_streams_are_taken_in_pieces_too(int most)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var (full, quantized) = (Embed(model), Embed(model));
        using var expected = Embed(model);
        using var pass = new OnePass(full, quantized);
        full.BeforePiece = quantized.BeforePiece = rows => Fit(rows, most, null);
        var tokens = new List<long>();
        pass.Run(
            block,
            stage => new LayerHessian(block.LayersOf(stage)[0].InFeatures, CPU, OneComp.Quantization.HessianType.Float32),
            (_, hessian, _) => tokens.Add(hessian!.Tokens),
            default);
        BlockWalk.Forward(block, expected, default);

        using var scope = NewDisposeScope();
        Assert.Equal(Enumerable.Repeat((long)Count * 16, 4), tokens);
        Assert.True(full.Load(0).allclose(expected.Load(0), rtol: 1e-4, atol: 1e-5));
        Assert.True(quantized.Load(0).allclose(expected.Load(0), rtol: 1e-4, atol: 1e-5));
    }

    [Theory]
    [InlineData("mlp.down_proj")]
    [InlineData("self_attn.q_proj")]
    public void Gradients_are_taken_in_pieces_too(string module)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var (expected, actual) = (new Squares(null), new Squares(module));
        new GradientPass(model, Windows, CPU, ScalarType.Float32).Run(expected, null, default);
        new GradientPass(model, Windows, CPU, ScalarType.Float32).Run(actual, null, default);
        Assert.Equal(expected.Rows, actual.Rows);
        foreach (var (layer, sum) in expected.Sums)
        {
            Assert.InRange(actual.Sums[layer] / sum, 0.999, 1.001);
        }
    }

    [Fact]
    public void One_window_that_has_no_room_is_an_error()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        using var states = Embed(model);
        states.BeforePiece = rows => Fit(rows, 0, null);
        Assert.Throws<InjectedFault>(() => BlockWalk.Forward(block, states, default));
    }

    [Theory]
    [InlineData("cpu", 45)] // in block 4
    [InlineData("cpu,cpu", 130)]
    public void A_run_without_room_says_what_would_fit_and_can_go_on(string devices, int shares)
    {
        using var run = new StoppedRun();
        var begun = 0;
        var options = run.Options(StoppedRun.Gptq) with
        {
            Device = devices,
            BeforeWork = _ =>
            {
                if (Interlocked.Increment(ref begun) > shares)
                {
                    throw InjectedFault.OutOfMemory;
                }
            },
        };
        var error = Assert.Throws<DeviceException>(() => QuantizationRun.Run(options));
        Assert.Equal(DeviceError.OutOfMemory, error.Error);
        Assert.Equal("DeviceOutOfMemory", error.ErrorId);
        Assert.Equal(RunExitCode.OutOfMemory, Outcome.Of(error));
        Assert.Contains("Windows of 32 tokens, one at a time, need about", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Resume", error.Message, StringComparison.Ordinal);
        Assert.InRange(run.State().Blocks, 1, SmallModel.Blocks - 1);
        Assert.NotEmpty(run.Run(options with { BeforeWork = null, Resume = true }));
    }

    /// <summary>Sums of a forward in which memory runs out, once, at a layer's input.</summary>
    private static Dictionary<string, LayerHessian> Sums(CausalModel model, DecoderBlock block, string module)
    {
        using var states = Embed(model);
        var sums = block.Layers.ToDictionary(layer => layer.Name, layer => new LayerHessian(layer.InFeatures, CPU, OneComp.Quantization.HessianType.Float32));
        BlockWalk.Forward(block, states, default, (_, layer, input) =>
        {
            if (layer.Module == module && input.shape[0] > 3)
            {
                throw InjectedFault.OutOfMemory;
            }

            sums[layer.Name].Add(input);
        });
        return sums;
    }

    /// <summary>Sums squares of gradients; memory runs out at a layer for more than three windows.</summary>
    private sealed class Squares(string? module) : IGradientObserver
    {
        public Dictionary<string, double> Sums { get; } = [];

        public Dictionary<string, long> Rows { get; } = [];

        public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
        {
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            if (layer.Module == module && gradient.shape[0] > 3)
            {
                throw InjectedFault.OutOfMemory;
            }

            using var scope = NewDisposeScope();
            Sums[layer.Name] = Sums.GetValueOrDefault(layer.Name) + gradient.square().sum(ScalarType.Float64).item<double>();
            Rows[layer.Name] = Rows.GetValueOrDefault(layer.Name) + gradient.shape[0];
        }

        public void End(DecoderBlock block)
        {
        }
    }

    private static void Fit(int rows, int most, List<int>? pieces)
    {
        if (rows > most)
        {
            throw InjectedFault.OutOfMemory;
        }

        pieces?.Add(rows);
    }

    private static HiddenStates Embed(CausalModel model) => EmbeddedStates.Of(model, TokenBatches.Of(Windows, CPU), CPU, ScalarType.Float32);
}
