using System.Globalization;
using OneComp.Errors;
using OneComp.Progress;

namespace OneComp.Runtime.Teams;

/// <summary>Does a block's work again without the devices that failed at it.</summary>
/// <param name="team">The devices.</param>
/// <param name="holdings">What the devices share; null for what there is none of.</param>
/// <param name="whatFits">Says what would have fitted where memory ran out.</param>
/// <param name="progress">Told which device failed and why.</param>
/// <param name="whatIsKept">Says where a run goes on that ends here.</param>
internal sealed class TeamFaults(DeviceTeam team, IReadOnlyList<ITeamHolding?> holdings, Func<string> whatFits, IProgress<RunEvent>? progress, string whatIsKept = TeamFaults.BlocksAreKept)
{
    private const string BlocksAreKept = "The blocks before it are kept: -Resume goes on from there";

    /// <summary>Does a block's work, which can be begun again as long as it did not end.</summary>
    /// <exception cref="DeviceException">Failed: no device is left, or what one held is lost with it. OutOfMemory: windows one at a time had no room.</exception>
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
            catch (Exception exception) when (MemoryBound.IsUnnamed(exception))
            {
                throw NoRoom(team.Workers[0], $"at block {Number(block)}", exception);
            }
        }
    }

    private void Retire(int block, TeamFaultException fault)
    {
        var failed = fault.Faults.Select(pair => pair.Worker).ToList();
        var what = string.Join("; ", fault.Faults.Select(pair => $"{pair.Worker.Name} failed at block {Number(block)}: {MemoryBound.FirstLine(pair.Fault)}"));
        if (team.Workers.All(failed.Contains))
        {
            if (fault.Faults.All(pair => Outcome.IsOutOfMemory(pair.Fault)))
            {
                throw NoRoom(failed[0], $"at block {Number(block)}, as did the others", fault.Faults[0].Fault);
            }

            throw Failed(failed, $"{what}. No device is left.", fault.Faults[0].Fault);
        }

        team.Retire(failed);
        try
        {
            foreach (var held in holdings.OfType<ITeamHolding>())
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

    private DeviceException Failed(List<DeviceWorker> failed, string what, Exception cause) => new(
        DeviceError.Failed, failed[0].Name, $"{what} {whatIsKept}, on other devices too (-Device).", cause);

    private DeviceException NoRoom(DeviceWorker worker, string when, Exception cause) =>
        MemoryBound.Error(ComputeDevices.NameOf(worker.Device), when, whatFits(), $"{whatIsKept}, with other devices or -MaxGpuMemoryGB.", cause);

    private static string Number(int block) => (block + 1).ToString(CultureInfo.InvariantCulture);
}
