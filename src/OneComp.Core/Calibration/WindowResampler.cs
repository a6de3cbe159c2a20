using System.Globalization;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// Makes more calibration windows out of few. In each round the model reads the last round's windows once and every token is replaced by
/// one drawn from the model's own distribution at its place. Statistics over text and these windows lie closer to those of other text than
/// statistics over the text alone, which quantizing would fit too closely (docs/adr/0029). Holds one block and the states of one
/// round's windows.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="team">Where to compute; its devices share the windows.</param>
/// <param name="seed">The same seed draws the same tokens, but for rounding.</param>
internal sealed class WindowResampler(CausalModel model, DeviceTeam team, int seed)
{
    // Enough for a Hessian that other text agrees with; more still helps, at the price of as much calibration again (docs/adr/0029).
    private const int TokensPerChannel = 80;
    private const int MostRounds = 7;
    private const int FewTokensPerChannel = 40;
    private const int FewRounds = 3;
    private const string BeginsAgain = "-Resume begins with the windows again";
    private readonly ScalarType _type = ComputeType.For(team.Device, model.Config.TorchDType);

    /// <summary>Rounds that give each input channel of the widest layer 80 tokens, at most 7.</summary>
    /// <param name="tokens">Tokens of the calibration windows.</param>
    /// <param name="channels">Input channels of the widest layer.</param>
    public static int RoundsFor(long tokens, int channels) => Rounds(tokens, channels, TokensPerChannel, MostRounds);

    /// <summary>Rounds that give it 40, at most 3: most of the gain, where states have no room on the devices.</summary>
    /// <param name="tokens">Tokens of the calibration windows.</param>
    /// <param name="channels">Input channels of the widest layer.</param>
    public static int FewRoundsFor(long tokens, int channels) => Rounds(tokens, channels, FewTokensPerChannel, FewRounds);

    private static int Rounds(long tokens, int channels, int perChannel, int most) => (int)Math.Clamp((((long)perChannel * channels) - 1) / tokens, 0, most);

    /// <summary>The windows, then as many again for each round.</summary>
    /// <param name="windows">Calibration windows.</param>
    /// <param name="rounds">Rounds; 0 for none.</param>
    /// <param name="progress">Told of each round and block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="DeviceException">OutOfMemory: a window alone has no room. Failed: no device is left.</exception>
    public TokenWindows Extend(TokenWindows windows, int rounds, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var bound = new MemoryBound(team.Device, "windows were rewritten", () => WhatFits(windows.Length), BeginsAgain + ", on another -Device too.");
        return bound.Run(() => Extend(windows, rounds, bound, progress, token));
    }

    private TokenWindows Extend(TokenWindows windows, int rounds, MemoryBound bound, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var noGrad = no_grad();
        var random = new Random(seed);
        var all = new List<int>(windows.Ids);
        for (var round = 0; round < rounds; round++)
        {
            bound.At(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}"));
            windows = new TokenWindows(Redraw(windows, random, Told, progress, token), windows.Length);
            all.AddRange(windows.Ids);

            void Told(int block) => progress?.Report(new ProgressEvent(
                1, "Resampling", string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}"), (round * model.Config.NumLayers) + block, rounds * model.Config.NumLayers));
        }

        return new TokenWindows([.. all], windows.Length);
    }

    private int[] Redraw(TokenWindows windows, Random random, Action<int> told, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var placement = StatesPlacement.Within([.. team.Workers.Select(worker => worker.Device)], BytesPerToken) with { Progress = progress };
        using var states = EmbeddedStates.Of(model, windows, placement, _type, token);
        states.KeepsInputs = team.IsShared;
        var faults = new TeamFaults(team, [states], () => WhatFits(windows.Length), progress, BeginsAgain);
        var guard = new NumericGuard(model.Config.Folder, null, null); // what is not finite is told of when these windows calibrate
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            told(index);
            faults.Run(index, () => team.Each(
                (worker, stop) =>
                {
                    using var block = model.LoadBlock(index, worker.Device, _type);
                    BlockWalk.Forward(block, states, stop, guard: guard, batches: states.Places.BatchesOf(worker.Index));
                },
                token));
            states.Commit();
        }

        using var head = model.LoadHead(team.Device, _type);
        var pieces = new TokenPieces(team.Device, progress);
        var drawn = new List<int>(windows.Ids.Length);
        for (var i = 0; i < states.Count; i++)
        {
            using var scope = NewDisposeScope();
            var hidden = states.Load(i).to(team.Device);
            for (var window = 0L; window < hidden.shape[0]; window++)                           // logits are wide: one window at a time
            {
                token.ThrowIfCancellationRequested();
                drawn.AddRange(Draw(head, hidden.narrow(0, window, 1), windows.Ids[drawn.Count..(drawn.Count + windows.Length)], pieces, random));
            }
        }

        return [.. drawn];
    }

    /// <summary>A token for each place but the first, which nothing foretells, by the inverse of the distribution function.</summary>
    private int[] Draw(OutputHead head, Tensor hidden, int[] ids, TokenPieces pieces, Random random)
    {
        float[] numbers = [.. Enumerable.Range(0, ids.Length - 1).Select(_ => random.NextSingle())];
        var drawn = new List<int>(ids.Length) { ids[0] };
        pieces.Each(numbers.Length, (first, count) =>
        {
            using var scope = NewDisposeScope();
            var logits = head.Forward(hidden.narrow(1, first, count)).squeeze(0).to(ScalarType.Float32); // (tokens, vocabulary)
            var sums = nn.functional.softmax(logits, 1).cumsum(1);
            var totals = sums.narrow(1, sums.shape[1] - 1, 1);
            var wanted = tensor(numbers[first..(first + count)], device: team.Device).unsqueeze(1);
            var places = sums.le(wanted * totals).sum(dim: 1).clamp_max(sums.shape[1] - 1).masked_fill(totals.isfinite().logical_not().squeeze(1), -1);
            drawn.AddRange(places.to(ScalarType.Int32).cpu().data<int>().ToArray());
        });
        return [.. drawn.Select((id, place) => id < 0 ? ids[place] : id)];
    }

    private long BytesPerToken => TokenMemory.Forward(model.Config, (int)_type.ElementSize());

    private string WhatFits(int length) => MemoryNeed.OfWindow(
        team.Device, length, BytesPerToken, "-MaxLength", ("a block's weights", model.Topology.LayersOf(0).Sum(layer => layer.WeightCount) * (int)_type.ElementSize()));
}
