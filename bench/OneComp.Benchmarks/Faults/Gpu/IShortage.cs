namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>A way to make memory short in the middle of a job.</summary>
internal interface IShortage
{
    /// <summary>Begins; on the thread that tells of the phase. May throw what the tensor library would.</summary>
    /// <param name="leave">Bytes that stay free.</param>
    void Begin(long leave);

    /// <summary>Everything is free again that this took.</summary>
    void End();

    /// <summary>Bytes of the device that are free now, what the tensor library keeps given back before; -1 where that cannot be told.</summary>
    long FreeBytes();
}
