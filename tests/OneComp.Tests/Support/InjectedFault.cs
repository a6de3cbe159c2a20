using System.Runtime.InteropServices;

namespace OneComp.Tests.Support;

/// <summary>What the tensor library throws where a device fails, thrown by a test.</summary>
internal sealed class InjectedFault(string message) : ExternalException(message)
{
    public static InjectedFault OfDevice => new("CUDA error: injected");

    public static InjectedFault OutOfMemory => new("CUDA out of memory. Tried to allocate 2.00 GiB.");
}
