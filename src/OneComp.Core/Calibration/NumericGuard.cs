using System.Globalization;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;

namespace OneComp.Calibration;

/// <summary>
/// What is done about numbers that are not finite (docs/adr/0027): a block that overflows in a half type goes on in float32, and a calibration
/// window that is not finite all the same is left out of everything that follows. Both are said aloud. For use from several threads at once.
/// </summary>
/// <param name="model">Named where too much is left out.</param>
/// <param name="samples">How many windows there are; null where none may be left out, since a result is over all of them.</param>
/// <param name="progress">Where warnings go.</param>
internal sealed class NumericGuard(string model, int? samples, IProgress<RunEvent>? progress)
{
    /// <summary>Of the windows; more than these say that the model or the text is at fault.</summary>
    public const double MostLeftOut = 0.1;

    private readonly Lock _gate = new();
    private readonly SortedSet<int> _leftOut = [];
    private readonly HashSet<int> _widened = []; // blocks; several devices may have a copy each

    /// <summary>The windows that were left out, by number.</summary>
    public IReadOnlyCollection<int> LeftOut => _leftOut;

    /// <summary>True where windows may be left out.</summary>
    public bool LeavesOut => samples is not null;

    /// <summary>Notes windows that an earlier part of the run left out, and told of.</summary>
    public void LeftOutBefore(HiddenStates states) =>
        _leftOut.UnionWith(Enumerable.Range(0, samples ?? 0).Except(Enumerable.Range(0, states.Count).SelectMany(states.Samples)));

    /// <summary>Has a block go on in float32.</summary>
    public void Widen(DecoderBlock block)
    {
        var narrow = block.Type;
        block.Widen();
        lock (_gate)
        {
            if (!_widened.Add(block.Index))
            {
                return;
            }
        }

        Warn($"Block {block.Index}: overflows in {narrow}; it is computed in Float32 instead.");
    }

    /// <summary>Notes windows that are left out from here on.</summary>
    /// <param name="found">Their numbers.</param>
    /// <param name="where">What they passed last: "block 3".</param>
    /// <exception cref="NumericException">More than a tenth of the windows are left out.</exception>
    public void LeaveOut(IReadOnlyCollection<int> found, string where)
    {
        int count;
        lock (_gate)
        {
            _leftOut.UnionWith(found);
            count = _leftOut.Count;
        }

        var most = (int)Math.Floor(samples!.Value * MostLeftOut);
        var names = string.Join(", ", found);
        if (count > most)
        {
            throw new NumericException(
                NumericError.TooManySamplesNotFinite,
                model,
                string.Create(CultureInfo.InvariantCulture, $"{model}: {count} of {samples} calibration samples are not finite, at {where} sample {names}; at most {most} (10 %) can be left out. Check the model's weights (Test-OneCompModel), use -Device cpu (float32), or give other calibration text."));
        }

        Warn(string.Create(CultureInfo.InvariantCulture, $"{Capital(where)}: calibration sample {names} is not finite and is left out from here on ({count} of {samples})."));
    }

    private void Warn(string message) => progress?.Report(new WarningEvent(message));

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
