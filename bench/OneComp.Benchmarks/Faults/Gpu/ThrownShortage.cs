using OneComp.Tests.Support;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>Where there is no GPU: throws what the tensor library would, as the tests do. Shows what a job makes of it, not when it comes.</summary>
internal sealed class ThrownShortage : IShortage
{
    public void Begin(long leave) => throw InjectedFault.OutOfMemory;

    public void End()
    {
    }

    public long FreeBytes() => -1;
}
