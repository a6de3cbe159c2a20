using System.Globalization;
using OneComp.Errors;
using OneComp.Progress;
using OneComp.Runtime;
using TorchSharp;

namespace OneComp.Calibration;

/// <summary>
/// Takes a window's tokens in pieces as large as memory allows where each becomes a row as wide as the vocabulary: all at once, and where memory runs out
/// in halves from then on, down to a token at a time.
/// </summary>
/// <param name="device">Where the rows are.</param>
/// <param name="progress">Told where memory runs out.</param>
internal sealed class TokenPieces(torch.Device device, IProgress<RunEvent>? progress)
{
    private int _most = int.MaxValue;

    /// <summary>Does work for all of a window's tokens, in order.</summary>
    /// <param name="tokens">How many there are.</param>
    /// <param name="work">Gets the first and how many; where memory runs out it must not have added to anything.</param>
    public void Each(int tokens, Action<int, int> work)
    {
        for (int first = 0, count; first < tokens; first += count)
        {
            count = Math.Min(_most, tokens - first);
            while (!Fits(first, count, work))
            {
                _most = count = (count + 1) / 2;
                progress?.Report(new FactEvent(RunEventId.BatchHalved, string.Create(CultureInfo.InvariantCulture, $"Memory ran out at the logits on {ComputeDevices.NameOf(device)}: {_most} tokens at a time from here on."))
                {
                    Numbers = [new("tokens", _most)],
                });
            }
        }
    }

    private static bool Fits(int first, int count, Action<int, int> work)
    {
        try
        {
            work(first, count);
            return true;
        }
        catch (Exception exception) when (count > 1 && Outcome.IsOutOfMemory(exception))
        {
            return false;
        }
    }
}
