using OneComp.Pipeline.Teams;

namespace OneComp.Tests.Pipeline.Teams;

public class SumPairsTests
{
    [Fact]
    public void Neighbours_come_first_and_the_user_has_all_in_the_end()
    {
        for (var workers = 1; workers <= 9; workers++)
        {
            for (var user = 0; user < workers; user++)
            {
                string?[] sums = [.. Enumerable.Range(0, workers).Select(worker => $"{worker}")];
                foreach (var level in SumPairs.Levels(workers))
                {
                    foreach (var worker in Enumerable.Range(0, workers))
                    {
                        if (level.SourceFor(worker, user) is { } source)
                        {
                            var (first, second) = worker < source ? (worker, source) : (source, worker); // addition is commutative
                            (sums[worker], sums[source]) = ($"({sums[first]}+{sums[second]})", null);
                        }
                    }
                }

                Assert.Equal(Tree(0, workers), sums[user]);
                Assert.Single(sums, sum => sum is not null);
            }
        }
    }

    private static string Tree(int first, int end)
    {
        var half = 1;
        while (half * 2 < end - first)
        {
            half *= 2;
        }

        return end - first == 1 ? $"{first}" : $"({Tree(first, first + half)}+{Tree(first + half, end)})";
    }
}
