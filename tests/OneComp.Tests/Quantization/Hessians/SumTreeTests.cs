using OneComp.Calibration;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Hessians;

/// <summary>The fixed tree of a sum's additions, in float32 as on a GPU.</summary>
public class SumTreeTests
{
    private const int Leaves = 8;

    public SumTreeTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    public void No_more_sums_are_held_than_the_tree_is_deep(int leaves)
    {
        using var tree = new SumTree(zeros(1, 1));
        var most = 0;
        for (var leaf = 0; leaf < leaves; leaf++)
        {
            tree.At(leaf);
            most = Math.Max(most, tree.Held);
        }

        Assert.Equal(SumTree.Depth(leaves), most);
        tree.Whole();
        Assert.Equal(1, tree.Held);
    }

    [Theory]
    [InlineData(0b1111_1111)]
    [InlineData(0b1111_0000)]
    [InlineData(0b0010_0101)] // three batches in eight leaves
    [InlineData(0b1000_0001)]
    [InlineData(0b0110_1110)]
    [InlineData(0b1011_0111)]
    [InlineData(0b0001_0000)]
    public void Leaves_are_added_up_in_pairs_whichever_have_batches(int filled)
    {
        var random = new Random(filled);
        float?[] values = [.. Enumerable.Range(0, Leaves).Select(leaf => (filled & (1 << leaf)) == 0 ? (float?)null : random.NextSingle())];
        using var tree = new SumTree(zeros(1, 1));
        foreach (var (value, leaf) in values.Select((value, leaf) => (value, leaf)).Where(pair => pair.value is not null))
        {
            tree.At(leaf).add_(value!.Value);
        }

        Assert.Equal(Pairwise(values), tree.Whole().item<float>());
    }

    [Fact]
    public void Leaves_in_any_order_give_the_sum_and_are_held_as_few_at_a_time()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            using var tree = new SumTree(zeros(1, 1));
            var (sum, most) = (0, 0);
            foreach (var leaf in Enumerable.Range(0, 30).Select(_ => random.Next(Leaves)))
            {
                tree.At(leaf).add_(leaf + 1);
                sum += leaf + 1;
                most = Math.Max(most, tree.Held);
            }

            Assert.Equal(sum, tree.Whole().item<float>()); // small whole numbers: exact in any order
            Assert.InRange(most, 1, SumTree.Depth(Leaves));
        }
    }

    [Fact]
    public void Memory_that_runs_out_for_a_sum_leaves_the_others_as_they_were()
    {
        var random = new Random(2);
        float?[] values = [.. Enumerable.Range(0, Leaves).Select(_ => (float?)random.NextSingle())];
        var (asked, ranOut) = (0, 0);
        using var tree = new SumTree(zeros(1, 1))
        {
            BeforeNew = () =>
            {
                if (++asked % 2 == 1)
                {
                    ranOut++;
                    throw InjectedFault.OutOfMemory;
                }
            },
        };
        for (var leaf = 0; leaf < Leaves; leaf++)
        {
            try
            {
                tree.At(leaf);
            }
            catch (InjectedFault)
            {
                // Done again, as BatchPieces does.
            }

            tree.At(leaf).add_(values[leaf]!.Value);
        }

        Assert.Equal(4, ranOut); // leaves 1, 3, 5 and 7; the others get what a pair left over
        Assert.Equal(Pairwise(values), tree.Whole().item<float>());
    }

    [Fact]
    public void Sums_that_were_added_to_others_are_freed()
    {
        using var tree = new SumTree(zeros(1, 1));
        var parts = Enumerable.Range(0, Leaves).Select(tree.At).Distinct().ToList();
        Assert.Equal(SumTree.Depth(Leaves), parts.Count(part => !part.IsInvalid));
        var whole = tree.Whole();
        Assert.Same(whole, Assert.Single(parts, part => !part.IsInvalid));
    }

    [Fact]
    public void A_device_of_two_four_or_eight_has_whole_subtrees()
    {
        foreach (var devices in new[] { 1, 2, 4, 8 })
        {
            var placement = new StatesPlacement([.. Enumerable.Repeat(CPU, devices)]);
            for (var batches = 1; batches <= 300; batches++)
            {
                Assert.Equal(placement.OwnersOf(batches), Enumerable.Range(0, batches).Select(batch => SumTree.LeafOf(batch, batches, Leaves) / (Leaves / devices)));
            }
        }
    }

    /// <summary>The sum by the definition of the tree.</summary>
    private static float? Pairwise(ReadOnlySpan<float?> values)
    {
        if (values.Length == 1)
        {
            return values[0];
        }

        var (left, right) = (Pairwise(values[..(values.Length / 2)]), Pairwise(values[(values.Length / 2)..]));
        return left is null ? right : right is null ? left : left + right;
    }
}
