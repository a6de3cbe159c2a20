using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime.Teams;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Calibration;

/// <summary>Calibration windows that the model rewrites.</summary>
public class WindowResamplerTests
{
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, 3 * 40).Select(i => (i * 131) % 4000)], 40);

    [Fact]
    public void The_windows_come_first_and_then_as_many_for_each_round()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var extended = Extend(model, Windows, rounds: 2);

        Assert.Equal(9, extended.Count);
        Assert.Equal(Windows.Ids, extended.Ids[..Windows.Ids.Length]);
    }

    [Fact]
    public void Every_window_keeps_its_first_token()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var extended = Extend(model, Windows, rounds: 1);

        Assert.Equal(Enumerable.Range(0, 3).Select(i => Windows[i][0]), Enumerable.Range(3, 3).Select(i => extended[i][0]));
    }

    [Fact]
    public void The_same_seed_draws_the_same_tokens_and_another_draws_others()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var first = Extend(model, Windows, rounds: 1);

        Assert.Equal(first.Ids, Extend(model, Windows, rounds: 1).Ids);
        Assert.NotEqual(first.Ids, Extend(model, Windows, rounds: 1, seed: 8).Ids);
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_the_model_expects_them()
    {
        // The same two tokens in every window: the third place has one distribution, from which 4096 are drawn.
        const int Count = 4096;
        using var model = CausalModel.Open(Repository.TinyLlama);
        var windows = new TokenWindows([.. Enumerable.Repeat<int[]>([17, 130, 5], Count).SelectMany(ids => ids)], 3);
        var extended = Extend(model, windows, rounds: 1);
        var probabilities = Probabilities(model, [17, 130]);
        var drawn = Enumerable.Range(Count, Count).CountBy(i => extended[i][2]).ToDictionary();

        var likely = probabilities.Index().OrderByDescending(pair => pair.Item).Take(5).ToList();
        Assert.All(likely, pair =>
        {
            var (expected, spread) = (pair.Item * Count, Math.Sqrt(pair.Item * (1 - pair.Item) * Count));
            Assert.InRange(drawn.GetValueOrDefault(pair.Index), expected - (5 * spread), expected + (5 * spread));
        });
    }

    [Theory]
    [InlineData(32 * 256, 640, 6)]
    [InlineData(128 * 512, 640, 0)]
    [InlineData(128 * 2048, 14336, 4)]
    [InlineData(512, 14336, 7)]
    public void Rounds_are_as_many_as_give_the_widest_layer_80_tokens_a_channel_but_no_more_than_7(int tokens, int channels, int rounds) =>
        Assert.Equal(rounds, WindowResampler.RoundsFor(tokens, channels));

    [Fact]
    public void It_stops_when_it_is_told_to()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        using var team = new DeviceTeam([CPU]);
        Assert.Throws<OperationCanceledException>(() => new WindowResampler(model, team, 7).Extend(Windows, 1, null, stop.Token));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Devices_that_share_it_draw_the_same_tokens_also_where_one_fails(int failsAt)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var windows = new TokenWindows([.. Enumerable.Range(0, 3 * 600).Select(i => (i * 131) % 4000)], 600); // a batch each
        var begun = 0;
        using var team = new DeviceTeam([CPU, CPU])
        {
            BeforeWork = worker =>
            {
                if (worker.Index == 1 && begun++ == failsAt)
                {
                    throw InjectedFault.OfDevice;
                }
            },
        };

        var shared = new WindowResampler(model, team, 7).Extend(windows, 1, null, default);

        Assert.Equal(Extend(model, windows, rounds: 1).Ids, shared.Ids);
        Assert.Equal(failsAt < 0 ? 2 : 1, team.Workers.Count);
    }

    private static TokenWindows Extend(CausalModel model, TokenWindows windows, int rounds, int seed = 7)
    {
        using var team = new DeviceTeam([CPU]);
        return new WindowResampler(model, team, seed).Extend(windows, rounds, null, default);
    }

    private static double[] Probabilities(CausalModel model, int[] ids)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var windows = new TokenWindows(ids, ids.Length);
        using var states = EmbeddedStates.Of(model, TokenBatches.Of(windows, CPU), CPU, ScalarType.Float32);
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var block = model.LoadBlock(index, CPU, ScalarType.Float32);
            BlockWalk.Forward(block, states, default);
        }

        using var head = model.LoadHead(CPU, ScalarType.Float32);
        return head.Forward(states.Load(0)).to(ScalarType.Float64).softmax(-1)[0, ids.Length - 1].data<double>().ToArray();
    }
}
