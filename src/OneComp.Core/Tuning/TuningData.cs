using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>Windows in parts, one for each step, with what the last block of the full-precision model gives for them. Owns the states.</summary>
internal sealed class TuningData : IDisposable
{
    private readonly List<HiddenStates> _states = [];

    /// <summary>Walks the model over all windows, one block in memory at a time.</summary>
    public TuningData(CausalModel source, TokenWindows windows, int windowsPerStep, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        Parts = [.. Split(windows, windowsPerStep)];
        var type = ComputeType.For(device, source.Config.TorchDType);
        var guard = new NumericGuard(source.Config.Folder, null, null);
        try
        {
            foreach (var part in Parts)
            {
                _states.Add(EmbeddedStates.Of(source, part, new StatesPlacement([device]) { Progress = progress }, type, token));
            }

            for (var index = 0; index < source.Config.NumLayers; index++)
            {
                using var block = source.LoadBlock(index, device, type);
                _states.ForEach(states => BlockWalk.Forward(block, states, token, guard: guard));
            }
        }
        catch
        {
            Dispose(); // cancelled: nobody else holds them
            throw;
        }
    }

    /// <summary>The windows of each part.</summary>
    public IReadOnlyList<TokenWindows> Parts { get; }

    /// <summary>The states of a part. Borrowed.</summary>
    public HiddenStates StatesOf(int part) => _states[part];

    public void Dispose() => _states.ForEach(states => states.Dispose());

    private static IEnumerable<TokenWindows> Split(TokenWindows windows, int count)
    {
        for (var first = 0; first < windows.Count; first += count)
        {
            var end = Math.Min(first + count, windows.Count);
            yield return new TokenWindows(windows.Ids[(first * windows.Length)..(end * windows.Length)], windows.Length);
        }
    }
}
