namespace OneComp.Calibration;

/// <summary>Token ids in windows of one length: what a model is calibrated or evaluated on.</summary>
public sealed class TokenWindows
{
    /// <summary>Wraps ids; the array is not copied.</summary>
    /// <param name="ids">Count × <paramref name="length"/> ids, window after window.</param>
    /// <param name="length">Tokens in a window, at least 1.</param>
    /// <exception cref="ArgumentException">The ids are not one or more whole windows.</exception>
    public TokenWindows(int[] ids, int length)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (ids.Length == 0 || ids.Length % length != 0)
        {
            throw new ArgumentException($"{ids.Length} ids are not one or more whole windows of {length}", nameof(ids));
        }

        Ids = ids;
        Length = length;
        MaxId = ids.Max();
    }

    /// <summary>All ids, window after window (Count × Length).</summary>
    public int[] Ids { get; }

    /// <summary>Tokens in a window.</summary>
    public int Length { get; }

    /// <summary>Number of windows.</summary>
    public int Count => Ids.Length / Length;

    /// <summary>The greatest id, to hold against the model's vocabulary.</summary>
    public int MaxId { get; }

    /// <summary>One window (Length ids).</summary>
    /// <param name="index">0 to Count - 1.</param>
    public ReadOnlySpan<int> this[int index] => Ids.AsSpan(checked(index * Length), Length);
}
