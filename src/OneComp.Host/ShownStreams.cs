using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>
/// Lets go of progress, information and the like once the host has shown them. The engine keeps every record of an invocation for whoever asks for
/// its streams afterwards, which nobody does here: a script of many runs would grow by each.
/// </summary>
internal static class ShownStreams
{
    /// <summary>Drops records as they come. Errors stay: there are few, and they are merged into the output.</summary>
    public static void Drop(PSDataStreams streams)
    {
        Drop(streams.Progress);
        Drop(streams.Information);
        Drop(streams.Verbose);
        Drop(streams.Debug);
        Drop(streams.Warning);
    }

    private static void Drop<T>(PSDataCollection<T> records) => records.DataAdded += (_, _) => records.Clear();
}
