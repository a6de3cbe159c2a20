using System.Globalization;
using System.Text.RegularExpressions;
using OneComp.Errors;
using TorchSharp;

namespace OneComp.Runtime;

/// <summary>
/// Work that memory may not suffice for. What the libraries throw then becomes an error that says at what it ran out, what would have fitted and what
/// to do (docs/adr/0041).
/// </summary>
/// <param name="device">Where the work is.</param>
/// <param name="work">What was going on: "layers were rated".</param>
/// <param name="whatFits">What the smallest piece of it needs, in full sentences; asked only then.</param>
/// <param name="whatToDo">The same.</param>
internal sealed partial class MemoryBound(torch.Device device, string work, Func<string> whatFits, string whatToDo)
{
    private const double Giga = 1e9;
    private string _place = "";

    /// <summary>Notes how far the work is: a block, a layer, a step.</summary>
    public void At(string place) => _place = $" ({place})";

    /// <summary>Does it.</summary>
    /// <exception cref="DeviceException">OutOfMemory.</exception>
    public T Run<T>(Func<T> task)
    {
        try
        {
            return task();
        }
        catch (Exception exception) when (IsUnnamed(exception))
        {
            throw Error(ComputeDevices.NameOf(device), $"while {work}{_place}", whatFits(), whatToDo, exception);
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action task) => Run(() =>
    {
        task();
        return 0;
    });

    /// <summary>True where memory ran out and no error of ours says so yet.</summary>
    public static bool IsUnnamed(Exception exception) => exception is not DeviceException && Outcome.IsOutOfMemory(exception);

    /// <summary>The error.</summary>
    /// <param name="device">The device's name; where main memory ran out it is not at fault.</param>
    /// <param name="when">"while layers were rated (block 2 of 4)".</param>
    /// <param name="whatFits">In full sentences; may be empty.</param>
    /// <param name="whatToDo">The same.</param>
    /// <param name="cause">What was thrown.</param>
    public static DeviceException Error(string device, string when, string whatFits, string whatToDo, Exception cause)
    {
        GpuPool.RanOut();
        var isMain = Outcome.IsOutOfMainMemory(cause);
        var subject = isMain ? "cpu" : device;
        return new DeviceException(
            DeviceError.OutOfMemory,
            subject,
            string.Join(' ', new[] { $"{(isMain ? "The machine" : device)} ran out of memory {when}: {FirstLine(cause)}.", FreeOn(subject), whatFits, whatToDo }.Where(part => part.Length > 0)),
            cause);
    }

    /// <summary>How much of a GPU is free now, which other programs may be the cause of; empty for what is none.</summary>
    public static string FreeOn(string device) => ComputeDevices.List().FirstOrDefault(known => known.Name == device) is { Backend: "CUDA" } gpu
        ? string.Create(CultureInfo.InvariantCulture, $"{gpu.FreeMemoryBytes / Giga:0.0} of {gpu.TotalMemoryBytes / Giga:0.0} GB are free there now.")
        : "";

    /// <summary>What a library says of it, without its stack and, of memory, without advice on its own allocator.</summary>
    public static string FirstLine(Exception exception)
    {
        var line = exception.Message.Split('\n')[0];
        return (Allocation().Match(line) is { Success: true } said ? said.Value : line).TrimEnd('.', ' ', '\r');
    }

    [GeneratedRegex(@"^.*?[Tt]ried to allocate [0-9.]+ [A-Za-z]+")]
    private static partial Regex Allocation();
}
