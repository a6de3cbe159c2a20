namespace OneComp.Benchmarks.Export;

/// <summary>One form's figures.</summary>
/// <param name="Format">The form.</param>
/// <param name="OutputBytes">Bytes written.</param>
/// <param name="Seconds">From start to the last file in place.</param>
/// <param name="GigabytesPerSecond">Bytes written over that time.</param>
/// <param name="CpuSeconds">Time of all cores; a machine with other work to do stretches the seconds, not these.</param>
/// <param name="HashSeconds">Of them, what SHA-256 of the result takes by itself.</param>
/// <param name="CopySeconds">What a plain copy of the same files takes, brought to the disk.</param>
/// <param name="CopyGigabytesPerSecond">Bytes over that time.</param>
/// <param name="CopyCpuSeconds">Time of all cores for it.</param>
/// <param name="PeakBytes">The most memory of the process's own beyond what it had before.</param>
/// <param name="LargestTensorBytes">Bytes of the largest tensor of source or result.</param>
internal sealed record ExportRow(
    string Format,
    long OutputBytes,
    double Seconds,
    double GigabytesPerSecond,
    double CpuSeconds,
    double HashSeconds,
    double CopySeconds,
    double CopyGigabytesPerSecond,
    double CopyCpuSeconds,
    long PeakBytes,
    long LargestTensorBytes);
