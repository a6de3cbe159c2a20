using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime.Cuda;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>What goes on with less at a time where memory runs out, and says so.</summary>
public class LessAtOnceTests
{
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, 7 * 16).Select(i => (i * 37) % 4000)], 16);

    [Fact]
    public void Halving_is_told_with_what_is_left()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var told = new List<RunEvent>();
        var placement = new StatesPlacement([CPU]) { Progress = new StoppedRun.Listener(told.Add) };
        using var states = EmbeddedStates.Of(model, Windows, placement, ScalarType.Float32, default);
        states.BeforePiece = rows => FailAbove(rows, 3);
        BlockWalk.Forward(block, states, default);

        Assert.Equal([4, 2], told.Cast<FactEvent>().Select(fact => (int)fact.Numbers.Single(number => number.Key == "windows").Value));
        Assert.All(told.Cast<FactEvent>(), fact => Assert.Equal(RunEventId.BatchHalved, fact.Id));
        Assert.Equal("Memory ran out on cpu: 2 windows at a time from here on.", ((FactEvent)told[^1]).Message);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Losses_are_taken_of_fewer_windows(int most)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var (expected, actual) = (new Gradients(), new Gradients());
        var told = new List<RunEvent>();
        var loss = new LossThatFits(Windows, most);
        new GradientPass(model, Windows, CPU, ScalarType.Float32, new NextTokenLoss(Windows)).Run(expected, null, default);
        new GradientPass(model, Windows, CPU, ScalarType.Float32, loss).Run(actual, new StoppedRun.Listener(told.Add), default);

        Assert.True(loss.Failed > 0);
        Assert.Equal(loss.Failed, told.Count(e => e is FactEvent { Id: RunEventId.BatchHalved }));
        foreach (var (layer, sum) in expected.Sums)
        {
            Assert.InRange(actual.Sums[layer] / sum, 0.999, 1.001);
        }
    }

    [Fact]
    public void One_loss_that_has_no_room_ends_the_pass_with_what_would_fit()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var error = Assert.Throws<OneComp.Runtime.DeviceException>(() => new GradientPass(model, Windows, CPU, ScalarType.Float32, new LossThatFits(Windows, 0)).Run(new Gradients(), null, default));
        Assert.Contains("while layers were rated (loss)", error.Message, StringComparison.Ordinal);
        Assert.Contains("A window of 16 tokens, alone, needs about", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, new[] { 20 })]
    [InlineData(12, new[] { 10, 10 })]
    [InlineData(4, new[] { 3, 3, 3, 3, 3, 3, 2 })]
    public void Tokens_are_taken_in_pieces_that_fit(int most, int[] expected)
    {
        var pieces = new TokenPieces(CPU, null);
        var taken = new List<(int First, int Count)>();
        Take();
        Assert.Equal(expected, taken.Select(piece => piece.Count));
        Assert.Equal(taken.Select(piece => piece.Count).SkipLast(1).Prepend(0).Aggregate(new List<int>(), (firsts, count) => [.. firsts, firsts.LastOrDefault() + count]), taken.Select(piece => piece.First));
        taken.Clear();
        Take();
        Assert.Equal(expected, taken.Select(piece => piece.Count)); // and more is not tried again

        void Take() => pieces.Each(20, (first, count) =>
        {
            FailAbove(count, most);
            taken.Add((first, count));
        });
    }

    [Fact]
    public void A_block_that_has_no_room_beside_another_comes_when_that_is_gone()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var tries = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        using var blocks = new BlocksAhead(
            index => tries.AddOrUpdate(index, 1, (_, before) => before + 1) == 1 && index == 1 ? throw InjectedFault.OutOfMemory : model.LoadBlock(index, CPU, ScalarType.Float32),
            Enumerable.Range(0, 4));
        for (var index = 0; index < 4; index++)
        {
            using var block = blocks.Take();
            Assert.Equal(index, block.Index);
            Assert.False(index == 1 && SpinWait.SpinUntil(() => tries.ContainsKey(2), 100)); // none is read ahead any more
        }

        Assert.Equal([1, 2, 1, 1], tries.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void A_block_that_nobody_asked_for_fails_nobody()
    {
        var blocks = new BlocksAhead(_ => throw InjectedFault.OutOfMemory, [0]);
        blocks.Begin();
        blocks.Dispose();
    }

    [Fact]
    public void What_is_kept_for_each_gpu_is_tried_again_where_it_had_no_room()
    {
        var tries = 0;
        var kept = new OncePerGpu<int>(_ => ++tries < 3 ? throw InjectedFault.OutOfMemory : tries);
        Assert.Throws<InjectedFault>(() => kept.Of(CPU));
        Assert.Throws<InjectedFault>(() => kept.Of(CPU));
        Assert.Equal(3, kept.Of(CPU));
        Assert.Equal(3, kept.Of(CPU));
    }

    private static void FailAbove(int count, int most)
    {
        if (count > most)
        {
            throw InjectedFault.OutOfMemory;
        }
    }

    private sealed class LossThatFits(TokenWindows windows, int most) : IWindowLoss
    {
        private readonly NextTokenLoss _loss = new(windows);

        public int Failed { get; private set; }

        public Tensor Of(Tensor logits, IReadOnlyList<int> samples)
        {
            Failed += samples.Count > most ? 1 : 0;
            FailAbove(samples.Count, most);
            return _loss.Of(logits, samples);
        }
    }

    /// <summary>Sums squares of gradients by layer.</summary>
    private sealed class Gradients : IGradientObserver
    {
        public Dictionary<string, double> Sums { get; } = [];

        public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
        {
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            using var scope = NewDisposeScope();
            Sums[layer.Name] = Sums.GetValueOrDefault(layer.Name) + gradient.square().sum(ScalarType.Float64).item<double>();
        }

        public void End(DecoderBlock block)
        {
        }
    }
}
