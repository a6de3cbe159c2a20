using System.Globalization;
using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Formats;
using OneComp.Records;

namespace OneComp.Logs;

/// <summary>run.json: how a run went (docs/logs.md).</summary>
internal static class RunReport
{
    private const int Version = 1;

    /// <summary>Writes it into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Every setting.</param>
    /// <param name="journal">What happened.</param>
    /// <param name="fault">What ended the run; null where it is done.</param>
    /// <param name="facts">What else is known: device, bits, bytes, blocks.</param>
    public static void Write(string folder, object options, RunJournal journal, Exception? fault, JsonObject facts)
    {
        var warnings = journal.Warnings;
        var code = fault is not null ? Outcome.Of(fault) : warnings.Count > 0 ? RunExitCode.DoneWithWarnings : RunExitCode.Done;
        var report = new JsonObject
        {
            ["report_version"] = Version,
            ["run"] = journal.Run,
            ["status"] = Status(code),
            ["exit_code"] = (int)code,
            ["started"] = Time(journal.Begun),
            ["ended"] = Time(journal.Begun + journal.Elapsed),
            ["seconds"] = Seconds(journal.Elapsed),
            ["host"] = Environment.MachineName,
            ["user"] = Environment.UserName,
            ["process_id"] = Environment.ProcessId,
            ["versions"] = RunRecord.Versions(),
        };
        foreach (var (name, value) in facts)
        {
            report[name] = value?.DeepClone();
        }

        report["phases"] = new JsonArray([.. journal.Phases.Select(phase => new JsonObject { ["name"] = phase.Name, ["seconds"] = Seconds(phase.Elapsed) })]);
        report["warnings"] = new JsonArray([.. warnings.Select(warning => JsonValue.Create(Redaction.Clean(warning)))]);
        if (fault is not null)
        {
            report["error"] = new JsonObject
            {
                ["id"] = (fault as OneCompException)?.ErrorId ?? fault.GetType().Name,
                ["message"] = Redaction.Clean(fault.Message),
            };
        }

        report["settings"] = Cleaned(SettingsJson.Of(options));
        CheckpointFiles.Write(Path.Combine(folder, FileNames.Report), report);
    }

    private static string Status(RunExitCode code) => code switch
    {
        RunExitCode.Done => "done",
        RunExitCode.DoneWithWarnings => "done_with_warnings",
        RunExitCode.BadInput => "bad_input",
        RunExitCode.OutOfMemory => "out_of_memory",
        RunExitCode.Cancelled => "cancelled",
        _ => "failed",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static JsonNode? Cleaned(JsonNode? settings) => settings switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Cleaned(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Cleaned)]),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Redaction.Clean(text)),
        _ => settings?.DeepClone(),
    };
}
