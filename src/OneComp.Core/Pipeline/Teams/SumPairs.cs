namespace OneComp.Pipeline.Teams;

/// <summary>
/// Which workers' sums are added to which, so that neighbours come first, then neighbouring pairs, then fours: the upper part of the tree that
/// makes sums the same on any number of devices (docs/adr/0034). Each pair is added on one of its two workers, pairs beside each other at once.
/// </summary>
/// <param name="Width">Workers that each side of a pair has the sum of.</param>
/// <param name="Workers">Workers of the team.</param>
internal readonly record struct SumPairs(int Width, int Workers)
{
    /// <summary>The levels for a team, from neighbours up.</summary>
    public static IEnumerable<SumPairs> Levels(int workers)
    {
        for (var width = 1; width < workers; width *= 2)
        {
            yield return new SumPairs(width, workers);
        }
    }

    /// <summary>The worker whose sum is added to a worker's at this level; null where it gets none. Places in the team.</summary>
    /// <param name="worker">The one that adds.</param>
    /// <param name="user">The one that is to have the whole sum after the last level.</param>
    public int? SourceFor(int worker, int user)
    {
        var pair = worker / (2 * Width) * 2 * Width;
        var (left, right) = (HolderOf(pair, user), HolderOf(pair + Width, user));
        if (pair + Width >= Workers)
        {
            return null; // nobody is on the other side
        }

        var adds = right == user ? right : left;
        return worker == adds ? left + right - adds : null;
    }

    private int HolderOf(int first, int user) => user >= first && user < first + Width ? user : first;
}
