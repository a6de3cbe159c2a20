using OneComp.Errors;
using OneComp.Runtime.Cuda;

namespace OneComp.Runtime.Teams;

/// <summary>Devices of a team failed at their work, which can be done again on the others. Never leaves the engine.</summary>
internal sealed class TeamFaultException(IReadOnlyList<(DeviceWorker Worker, Exception Fault)> faults)
    : Exception($"{string.Join(", ", faults.Select(pair => pair.Worker.Name))} failed", faults[0].Fault)
{
    /// <summary>The workers that failed, and why.</summary>
    public IReadOnlyList<(DeviceWorker Worker, Exception Fault)> Faults => faults;

    /// <summary>True for what the tensor library, the driver or a lack of memory is the cause of, not the numbers, files or settings.</summary>
    public static bool IsOfDevice(Exception fault) => fault switch
    {
        System.Runtime.InteropServices.ExternalException => true,
        KernelException { Error: KernelError.DriverFailed } => true,
        _ => Outcome.IsOutOfMemory(fault),
    };
}
