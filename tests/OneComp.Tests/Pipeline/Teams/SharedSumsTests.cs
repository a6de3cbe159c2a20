using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Pipeline.Teams;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using OneComp.Runtime.Teams;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Teams;

/// <summary>Both passes over a block by several workers that sum up in float32, as GPUs do, against one alone.</summary>
public sealed class SharedSumsTests : IDisposable
{
    private const int Count = 27;
    private const int Length = 8;
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, Count * Length).Select(i => (i * 37) % 96)], Length);
    private readonly TemporaryFolder _folder = new();
    private readonly CausalModel _model;
    private int _ranOut;

    public SharedSumsTests() => _model = CausalModel.Open(SmallModel.Write(_folder.Path));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void One_forward_gives_the_bits_of_one_device(int devices)
    {
        using var scope = NewDisposeScope();
        AssertSame(Calibrate(1, 8), Calibrate(devices, 8));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Error_propagation_gives_the_bits_of_one_device(int devices)
    {
        using var scope = NewDisposeScope();
        AssertSame(Propagate(1, 8), Propagate(devices, 8));
    }

    [Fact]
    public void Without_a_tree_the_bits_would_differ()
    {
        using var scope = NewDisposeScope();
        Assert.Contains(Calibrate(1, 1).Zip(Calibrate(8, 1)), pair => !Same(pair.First, pair.Second));
        var (alone, shared) = (Propagate(1, 1), Propagate(8, 1));
        Assert.Contains(alone.Zip(shared), pair => !Same(pair.First, pair.Second));
        Assert.False(Same(alone[^1], shared[^1]), "the last stage's drift");
    }

    [Fact]
    public void Batches_that_a_failed_device_left_are_summed_up_by_the_others()
    {
        using var scope = NewDisposeScope();
        AssertClose(Calibrate(1, 8), Calibrate(4, 8, retired: 2));
        AssertClose(Propagate(1, 8), Propagate(4, 8, retired: 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Memory_that_runs_out_on_the_way_loses_nothing_and_adds_nothing_twice(int devices)
    {
        using var scope = NewDisposeScope();
        AssertClose(Calibrate(devices, 8, windowsPerBatch: 3), Calibrate(devices, 8, windowsPerBatch: 3, runsOutAt: 5)); // in the fifth batch of nine
        AssertClose(Propagate(devices, 8, windowsPerBatch: 3), Propagate(devices, 8, windowsPerBatch: 3, runsOutAt: 14)); // alone: as the third batch is summed up in the first stage
        Assert.Equal(2, _ranOut);
    }

    /// <summary>H of each stage, on whichever worker.</summary>
    private List<Tensor> Calibrate(int devices, int leaves, int? retired = null, int windowsPerBatch = 1, int runsOutAt = -1)
    {
        using var team = new DeviceTeam([.. Enumerable.Repeat(CPU, devices)]);
        using var states = Embed(team, windowsPerBatch);
        RunOut(states, runsOutAt);
        Retire(team, retired, states);
        using var copies = Copies(team);
        using var sums = new TeamSums();
        var layers = _model.Topology.LayersOf(0).Select(layer => new PlannedLayer(layer, new GptqQuantizer { WBits = 4 })).ToList();
        new CalibrationPass(states, team, new NumericGuard(_folder.Path, Count, null), leaves) { SumType = ScalarType.Float32 }.Run(copies, layers, sums, default);
        Assert.All(team.Workers, worker => Assert.Equal(1, sums.Of(worker, BlockStage.MlpInput)!.Hessian.Held));
        var stages = Enum.GetValues<BlockStage>();
        var users = stages.ToDictionary(stage => stage, stage => (IReadOnlyList<DeviceWorker>)[team.Workers[(int)stage % team.Workers.Count]]);
        sums.Gather(team, users, default);
        return [.. stages.Select(stage => Whole(sums.Of(users[stage][0], stage)!.Hessian))];
    }

    /// <summary>H of each stage, and the unit matrix corrected for its drift (damped so much that it shows the drift without loss), where the values are halved on the way.</summary>
    private List<Tensor> Propagate(int devices, int leaves, int? retired = null, int windowsPerBatch = 1, int runsOutAt = -1)
    {
        using var team = new DeviceTeam([.. Enumerable.Repeat(CPU, devices)]);
        var states = Embed(team, windowsPerBatch);
        var others = states.Copy();
        RunOut(states, runsOutAt);
        Retire(team, retired, states, others);
        using var copies = Copies(team);
        using var pass = new PropagatedPass(states, others, team, null, leaves);
        var found = new List<Tensor>();
        pass.Run(
            copies,
            (stage, device) => new LayerHessian(_model.Topology.LayersOf(0).First(layer => layer.Stage == stage).InFeatures, device, HessianType.Float32, ScalarType.Float32),
            (stage, sums) =>
            {
                Assert.All(team.Workers, worker => Assert.Equal((1, 1), (sums.Of(worker, stage)!.Hessian.Held, sums.Of(worker, stage)!.Drift!.Held)));
                var user = team.Workers[(int)stage % team.Workers.Count];
                sums.Gather(team, new Dictionary<BlockStage, IReadOnlyList<DeviceWorker>> { [stage] = [user] }, default);
                var sum = sums.Of(user, stage)!;
                found.Add(Whole(sum.Hessian));
                found.Add(sum.Drift!.Correct(eye(sum.Hessian.InFeatures), sum.Hessian, 1, 1, sum.Hessian.InFeatures));
                if (stage == BlockStage.AttentionInput)
                {
                    var value = _model.Topology.LayersOf(0).Single(layer => layer.Module == "self_attn.v_proj");
                    using var half = copies.Of(user).Weight(value) * 0.5;
                    copies.SetWeight(value, half);
                }
            },
            default);
        return found;
    }

    private static Tensor Whole(LayerHessian hessian)
    {
        Assert.Equal(Count * Length, hessian.Tokens);
        return hessian.Matrix();
    }

    private HiddenStates Embed(DeviceTeam team, int windowsPerBatch)
    {
        var placement = new StatesPlacement([.. team.Workers.Select(worker => worker.Device)]) { TokensPerBatch = windowsPerBatch * Length };
        var states = EmbeddedStates.Of(_model, Windows, placement, ScalarType.Float32, default);
        states.KeepsInputs = team.IsShared;
        return states;
    }

    private BlockCopies Copies(DeviceTeam team)
    {
        var copies = new BlockCopies();
        foreach (var worker in team.Workers)
        {
            copies.Add(worker, _model.LoadBlock(0, CPU, ScalarType.Float32));
        }

        return copies;
    }

    /// <summary>Memory for three windows is not there at one piece.</summary>
    private void RunOut(HiddenStates states, int at)
    {
        var pieces = 0;
        states.BeforePiece = rows =>
        {
            if (Interlocked.Increment(ref pieces) == at)
            {
                Assert.Equal(3, rows);
                _ranOut++;
                throw InjectedFault.OutOfMemory;
            }
        };
    }

    private static void Retire(DeviceTeam team, int? index, params HiddenStates[] states)
    {
        if (index is { } gone)
        {
            team.Retire([team.Workers[gone]]);
            foreach (var held in states)
            {
                held.Reassign([gone], [.. team.Workers.Select(worker => worker.Index)]);
            }
        }
    }

    private static void AssertSame(List<Tensor> expected, List<Tensor> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.True(Same(pair.First, pair.Second)));
    }

    private static void AssertClose(List<Tensor> expected, List<Tensor> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.InRange((pair.First - pair.Second).abs().max().item<float>() / pair.First.abs().max().item<float>(), 0, 1e-6));
    }

    private static bool Same(Tensor one, Tensor other) => one.equal(other).all().item<bool>();
}
