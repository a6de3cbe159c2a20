namespace OneComp.Runtime.Cpu;

/// <summary>Shares rows among the processor's cores.</summary>
internal static class HostRows
{
    private const long NumbersAtLeast = 1 << 17; // to a share: waking a thread takes as long as going over that many

    /// <summary>Has ranges of rows worked on, all at once, or on this thread where there is little.</summary>
    /// <param name="rows">How many there are.</param>
    /// <param name="columns">Numbers in one.</param>
    /// <param name="work">Gets the first row and the one after the last; does not fail.</param>
    public static void Each(long rows, long columns, Action<long, long> work)
    {
        var shares = Math.Clamp(rows * columns / NumbersAtLeast, 1, Math.Min(rows, Environment.ProcessorCount));
        if (shares == 1)
        {
            work(0, rows);
            return;
        }

        Parallel.For(0L, shares, share => work(rows * share / shares, rows * (share + 1) / shares));
    }
}
