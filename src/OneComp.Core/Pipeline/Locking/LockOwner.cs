using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Untrusted;

namespace OneComp.Pipeline.Locking;

/// <summary>Who holds a destination, since when.</summary>
/// <param name="User">Name of the user.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="ProcessId">Number of the process.</param>
/// <param name="Process">What tells it from a later process of the same number (<see cref="ProcessIdentity"/>).</param>
/// <param name="Since">When it took the lock.</param>
internal sealed record LockOwner(string User, string Host, int ProcessId, string Process, DateTimeOffset Since)
{
    private const int Version = 1;

    /// <summary>This process.</summary>
    public static LockOwner Current() => new(
        Environment.UserName, Environment.MachineName, Environment.ProcessId, ProcessIdentity.Of(Environment.ProcessId) ?? "", DateTimeOffset.UtcNow);

    /// <summary>Whether it is known that the process has ended: it ran on this machine, and no process has its number and start.</summary>
    public bool IsGone => Host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
        && ProcessIdentity.Of(ProcessId) is var running
        && (running is null || (running.Length > 0 && Process.Length > 0 && running != Process));

    /// <summary>For people: <c>anna on node7, process 4711, since 2026-11-24 01:30 UTC</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{User} on {Host}, process {ProcessId}, since {Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC");

    /// <summary>As JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["lock_version"] = Version,
        ["user"] = User,
        ["host"] = Host,
        ["process_id"] = ProcessId,
        ["process"] = Process,
        ["since"] = Since.ToString("O", CultureInfo.InvariantCulture),
    };

    /// <summary>From JSON; null where it is none of ours.</summary>
    public static LockOwner? Parse(byte[] json)
    {
        try
        {
            return StrictJson.Parse(json) is JsonObject fields
                && fields["lock_version"].AsNumber() == Version
                && (fields["user"].AsText(), fields["host"].AsText(), fields["process"].AsText()) is ({ } user, { } host, { } process)
                && fields["process_id"] is JsonValue id && id.TryGetValue(out int processId)
                && DateTimeOffset.TryParse(fields["since"].AsText(), CultureInfo.InvariantCulture, out var since)
                ? new LockOwner(user, host, processId, process, since)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
