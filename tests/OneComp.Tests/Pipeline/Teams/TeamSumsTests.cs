using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Teams;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Teams;

/// <summary>Sums in float32, as GPUs have them, that workers make of their batches and add up.</summary>
public class TeamSumsTests
{
    private const int Columns = 24;
    private const BlockStage Stage = BlockStage.MlpOutput;

    public TeamSumsTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<int, int> Shares
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var batches in new[] { 1, 3, 8, 16, 17, 31, 100 })
            {
                foreach (var devices in new[] { 2, 4, 8 })
                {
                    data.Add(batches, devices);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shares))]
    public void Two_four_and_eight_devices_give_the_bits_of_one(int batches, int devices)
    {
        using var scope = NewDisposeScope();
        var alone = Sum(batches, 1, 8, user: 0);
        for (var user = 0; user < devices; user++)
        {
            var shared = Sum(batches, devices, 8, user);
            Assert.True(Same(alone.Hessian, shared.Hessian), $"H on worker {user}");
            Assert.True(Same(alone.Drift, shared.Drift), $"drift on worker {user}");
        }
    }

    [Fact]
    public void A_sum_of_one_leaf_does_not_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var (alone, shared) = (Sum(100, 1, 1, user: 0), Sum(100, 8, 1, user: 0));
        Assert.False(Same(alone.Hessian, shared.Hessian));
        Assert.False(Same(alone.Drift, shared.Drift));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(8, 0)]
    [InlineData(8, 7)]
    public void Every_device_that_needs_a_sum_gets_the_same(int devices, int asked)
    {
        using var scope = NewDisposeScope();
        var (alone, other) = (Sum(17, 1, 8, user: 0), Sum(17, devices, 8, user: 1, others: [.. Enumerable.Range(0, devices).Where(device => device != 1)], asked: asked));
        Assert.True(Same(alone.Hessian, other.Hessian));
        Assert.True(Same(alone.Drift, other.Drift));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Other_numbers_of_devices_differ_in_last_bits_at_most(int devices)
    {
        using var scope = NewDisposeScope();
        Close(Sum(31, 1, 8, user: 0), Sum(31, devices, 8, user: devices - 1));
    }

    [Fact]
    public void Batches_that_were_given_to_others_are_summed_up_too()
    {
        using var scope = NewDisposeScope();
        int[] left = [0, 2, 3];
        var next = 0;
        int[] owners = [.. new StatesPlacement([.. Enumerable.Repeat(CPU, 4)]).OwnersOf(31).Select(owner => owner == 1 ? left[next++ % left.Length] : owner)]; // as HiddenStates.Reassign does
        Close(Sum(31, 1, 8, user: 0), Sum(31, 4, 8, user: 2, owners: owners, retired: 1));
    }

    /// <summary>What the user has in the end: H, and the correction of the unit matrix, which shows the drift.</summary>
    private static (Tensor Hessian, Tensor Drift) Sum(int batches, int devices, int leaves, int user, int[]? others = null, int? asked = null, int[]? owners = null, int? retired = null)
    {
        var placement = new StatesPlacement([.. Enumerable.Repeat(CPU, devices)]);
        owners ??= placement.OwnersOf(batches);
        using var team = new DeviceTeam(placement.Devices);
        var workers = team.Workers.ToList();
        if (retired is { } gone)
        {
            team.Retire([workers[gone]]);
        }

        using var sums = new TeamSums();
        team.Each(
            (worker, _) =>
            {
                using var work = NewDisposeScope();
                var sum = sums.Add(worker, Stage, new StageSum(new LayerHessian(Columns, CPU, HessianType.Float32, ScalarType.Float32), new InputDrift(Columns, CPU, ScalarType.Float32)));
                var most = 0;
                foreach (var batch in Enumerable.Range(0, batches).Where(batch => owners[batch] == worker.Index))
                {
                    var (full, quantized) = Batch(batch);
                    var leaf = SumTree.LeafOf(batch, batches, leaves);
                    sum.Hessian.Add(quantized, leaf);
                    sum.Drift!.Add(full, quantized, leaf);
                    most = Math.Max(most, Math.Max(sum.Hessian.Held, sum.Drift.Held));
                }

                Assert.InRange(most, 0, SumTree.Depth(leaves));
                sums.Join(worker);
                Assert.Equal((1, 1), (sum.Hessian.Held, sum.Drift!.Held));
            },
            default);
        sums.Gather(team, new Dictionary<BlockStage, IReadOnlyList<DeviceWorker>> { [Stage] = [workers[user], .. (others ?? []).Select(other => workers[other])] }, default);

        var whole = sums.Of(workers[asked ?? user], Stage)!;
        Assert.Equal(Enumerable.Range(0, batches).Sum(Tokens), whole.Hessian.Tokens);
        return (whole.Hessian.Matrix(), whole.Drift!.Correct(eye(Columns), whole.Hessian, 0.01, 1, Columns));
    }

    private static int Tokens(int batch) => 5 + (batch % 3);

    private static (Tensor Full, Tensor Quantized) Batch(int batch)
    {
        using var generator = new Generator((ulong)batch + 1);
        var quantized = randn([Tokens(batch), Columns], generator: generator);
        return (quantized + (randn([Tokens(batch), Columns], generator: generator) * 0.1), quantized);
    }

    private static bool Same(Tensor one, Tensor other) => one.equal(other).all().item<bool>();

    private static void Close((Tensor Hessian, Tensor Drift) one, (Tensor Hessian, Tensor Drift) other)
    {
        Assert.True(one.Hessian.allclose(other.Hessian, rtol: 1e-6, atol: 1e-6));
        Assert.True(one.Drift.allclose(other.Drift, rtol: 1e-5, atol: 1e-5)); // through a solution, which loses some digits
    }
}
