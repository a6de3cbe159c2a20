using OneComp.Runtime;
using OneComp.Runtime.Teams;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Runtime.Teams;

/// <summary>What becomes of a block's work when devices fail at it.</summary>
public sealed class TeamFaultsTests : IDisposable
{
    private readonly DeviceTeam _team = new([CPU, CPU, CPU]);
    private readonly Holding _holding = new();
    private readonly Messages _messages = new();

    public void Dispose() => _team.Dispose();

    [Fact]
    public void The_work_is_done_again_without_the_device_that_failed()
    {
        var rounds = new List<int>();
        Run(() =>
        {
            rounds.Add(_team.Workers.Count);
            _team.Each((worker, _) => Fail(worker, "cpu#2", InjectedFault.OfDevice), default);
        });
        Assert.Equal([3, 2], rounds);
        var (failed, left) = Assert.Single(_holding.Given);
        Assert.Equal([1], failed);
        Assert.Equal([0, 2], left);
        Assert.Contains("cpu#2 failed at block 5: CUDA error: injected. The block is done again on cpu#1, cpu#3", Assert.Single(_messages.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_team_whose_devices_all_fail_says_that_none_is_left()
    {
        var error = Assert.Throws<DeviceException>(() => Run(() => _team.Each((_, _) => throw InjectedFault.OfDevice, default)));
        Assert.Equal(DeviceError.Failed, error.Error);
        Assert.Contains("No device is left", error.Message, StringComparison.Ordinal);
        Assert.Empty(_holding.Given);
    }

    [Fact]
    public void A_team_without_room_says_what_would_fit()
    {
        var error = Assert.Throws<DeviceException>(() => Run(() => _team.Each((_, _) => throw InjectedFault.OutOfMemory, default)));
        Assert.Equal(DeviceError.OutOfMemory, error.Error);
        Assert.Contains("Half of it fits.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_failed_device_held_is_lost_where_it_cannot_be_read()
    {
        _holding.Fault = InjectedFault.OfDevice;
        var error = Assert.Throws<DeviceException>(() => Run(() => _team.Each((worker, _) => Fail(worker, "cpu#1", InjectedFault.OfDevice), default)));
        Assert.Equal(DeviceError.Failed, error.Error);
        Assert.Contains("cannot be read any more", error.Message, StringComparison.Ordinal);
    }

    private void Run(Action work) => new TeamFaults(_team, [null, _holding], () => "Half of it fits.", _messages).Run(4, work);

    private static void Fail(DeviceWorker worker, string name, Exception fault)
    {
        if (worker.Name == name)
        {
            throw fault;
        }
    }

    private sealed class Holding : ITeamHolding
    {
        public List<(IReadOnlyCollection<int> Failed, IReadOnlyList<int> Left)> Given { get; } = [];

        public Exception? Fault { get; set; }

        public void Reassign(IReadOnlyCollection<int> failed, IReadOnlyList<int> left)
        {
            if (Fault is { } fault)
            {
                throw fault;
            }

            Given.Add((failed, left));
        }
    }
}
