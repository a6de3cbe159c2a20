using System.Runtime.Versioning;

namespace OneComp.Benchmarks.Faults;

/// <summary>A user who may not: read the model, write beside the destination, write the log.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PermissionFaults(string folder)
{
    private const string User = "65534"; // nobody
    private static readonly string[] AsNobody = ["setpriv", "--reuid", User, "--regid", User, "--clear-groups", "env", "HOME=/tmp"];

    public IEnumerable<FaultRow> Run()
    {
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        yield return Refused("weights that may not be read", "SafetensorsFileUnreadable", source => File.SetUnixFileMode(Path.Combine(source, "model.safetensors"), UnixFileMode.UserRead));
        yield return Refused("a model folder that may not be entered", "", source => File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserExecute));
        yield return Refused("config.json that may not be read", "", source => File.SetUnixFileMode(Path.Combine(source, "config.json"), UnixFileMode.UserRead));
        yield return Refused("a folder that may not be written in", "DestinationNotWritable", _ => File.SetUnixFileMode(Path.Combine(folder, "permission-out"), (UnixFileMode)0b111_101_101));
        yield return Refused("a folder above the destination that is not there and may not be made", "DestinationNotWritable", _ => File.SetUnixFileMode(Path.Combine(folder, "permission-out"), (UnixFileMode)0b111_101_101), "deeper");
        yield return Refused("a log that may not be written", "LogNotWritable", _ => { }, log: "/proc/onecomp.jsonl");
    }

    private FaultRow Refused(string what, string id, Action<string> forbid, string below = "", string? log = null)
    {
        var source = Path.Combine(folder, "permission-model");
        var place = Directory.CreateDirectory(Path.Combine(folder, "permission-out")).FullName;
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        Directory.CreateDirectory(source);
        foreach (var path in Directory.GetFiles(QuantizeCommand.TinyLlama))
        {
            File.Copy(path, Path.Combine(source, Path.GetFileName(path)));
        }

        forbid(source);
        var command = QuantizeCommand.Of(Path.Combine(place, below, "q"), source, log is null ? "" : $"-LogPath '{log}'");
        using var host = HostCommand.Run($"try {{ $null = {command} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.Message; exit 2 }}", AsNobody, ("DOTNET_CLI_HOME", "/tmp"));
        var output = (host.Output + host.Errors).Trim();
        var right = host.ExitCode == 2 && output.StartsWith(id, StringComparison.Ordinal) && output.Contains(id.Length > 0 && id[0] == 'D' ? place : log ?? source, StringComparison.Ordinal)
            && !Directory.EnumerateFileSystemEntries(place).Any();
        File.SetUnixFileMode(source, (UnixFileMode)0b111_111_111);
        Directory.Delete(source, recursive: true);
        Directory.Delete(place, recursive: true);
        return new FaultRow("permission", what, 1, right ? 1 : 0, $"exit code {host.ExitCode}: {string.Join(' ', output.Split('\n').Take(2)).Trim()}");
    }
}
