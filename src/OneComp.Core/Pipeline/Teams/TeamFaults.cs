using System.Globalization;
using OneComp.Calibration;
using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Runtime.Teams;

namespace OneComp.Pipeline.Teams;

/// <summary>Does a block's work again without the devices that failed at it.</summary>
/// <param name="team">The devices.</param>
/// <param name="states">What the devices share; null for what there is none of.</param>
/// <param name="progress">Told which device failed and why.</param>
internal sealed class TeamFaults(DeviceTeam team, IReadOnlyList<HiddenStates?> states, IProgress<RunEvent>? progress)
{
    /// <summary>Does a block's work, which can be begun again as long as it did not end.</summary>
    /// <exception cref="DeviceException">Failed: no device is left, or what one held is lost with it.</exception>
    public void Run(int block, Action work)
    {
        while (true)
        {
            try
            {
                work();
                return;
            }
            catch (TeamFaultException fault)
            {
                Retire(block, fault);
            }
        }
    }

    private void Retire(int block, TeamFaultException fault)
    {
        var failed = fault.Faults.Select(pair => pair.Worker).ToList();
        var what = string.Join("; ", fault.Faults.Select(pair => $"{pair.Worker.Name} failed at block {(block + 1).ToString(CultureInfo.InvariantCulture)}: {FirstLine(pair.Fault)}"));
        if (team.Workers.All(failed.Contains))
        {
            throw Failed(failed, $"{what}. No device is left.", fault.Faults[0].Fault);
        }

        team.Retire(failed);
        try
        {
            foreach (var held in states.OfType<HiddenStates>())
            {
                held.Reassign([.. failed.Select(worker => worker.Index)], [.. team.Workers.Select(worker => worker.Index)]);
            }
        }
        catch (Exception exception) when (TeamFaultException.IsOfDevice(exception))
        {
            throw Failed(failed, $"{what}. The calibration states that it held cannot be read any more.", exception);
        }

        progress?.Report(new WarningEvent($"{what}. The block is done again on {string.Join(", ", team.Workers.Select(worker => worker.Name))}, and the run goes on there."));
    }

    private static DeviceException Failed(IReadOnlyList<DeviceWorker> failed, string what, Exception cause) => new(
        DeviceError.Failed, failed[0].Name, $"{what} The blocks before it are kept: -Resume goes on from there, on other devices too (-Device).", cause);

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].TrimEnd('.', ' ', '\r');
}
