using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Logs;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Tests.Pipeline.Resuming;

namespace OneComp.Tests.Logs;

/// <summary>The log and run.json of whole runs over a small model.</summary>
public sealed class LogTests : IDisposable
{
    private readonly StoppedRun _run = new();

    private string LogPath => _run.File(Path.Combine("logs", "run.jsonl"));

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Every_line_is_an_event_with_time_level_id_and_run()
    {
        QuantizationRun.Run(Options);

        var lines = Lines();
        Assert.All(lines, line =>
        {
            Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse((string)line["time"]!, System.Globalization.CultureInfo.InvariantCulture).Offset);
            Assert.Equal((RunEventId)(int)line["event_id"]!, Enum.Parse<RunEventId>((string)line["event"]!));
            Assert.Contains((string)line["level"]!, (string[])["verbose", "info", "warning", "error"]);
            Assert.Equal((string)lines[0]["run"]!, (string)line["run"]!);
            Assert.NotEmpty((string)line["message"]!);
        });
        Assert.Equal("RunStarted", (string?)lines[0]["event"]);
        Assert.Equal("RunFinished", (string?)lines[^1]["event"]);
    }

    [Fact]
    public void Layers_and_blocks_come_with_their_numbers()
    {
        QuantizationRun.Run(Options);

        var layers = Lines().Where(line => (string?)line["event"] == "LayerQuantized").ToList();
        Assert.Equal(7 * SmallModel.Blocks, layers.Count);
        Assert.Equal("model.layers.0.self_attn.q_proj", (string?)layers[0]["layer"]);
        Assert.Equal(0, (int)layers[0]["block"]!);
        Assert.Equal((4.0, 32.0), ((double)layers[0]["numbers"]!["bits"]!, (double)layers[0]["numbers"]!["group_size"]!));
        Assert.True((double)layers[0]["numbers"]!["weight_error"]! > 0);
        Assert.Equal(Enumerable.Range(0, SmallModel.Blocks), Lines().Where(line => (string?)line["event"] == "BlockFinished").Select(line => (int)line["block"]!));
    }

    [Fact]
    public void Runs_add_to_a_log_and_differ_by_their_id()
    {
        QuantizationRun.Run(Options);
        QuantizationRun.Run(Options with { Force = true });
        Assert.Equal(2, Lines().Select(line => (string?)line["run"]).Distinct().Count());
    }

    [Fact]
    public void A_log_can_be_read_while_it_is_written()
    {
        var seen = 0;
        QuantizationRun.Run(Options, new StoppedRun.Listener(e => seen = Math.Max(seen, e is FactEvent { Id: RunEventId.BlockFinished } ? Lines().Count : 0)));
        Assert.True(seen > 7 * SmallModel.Blocks, $"{seen} lines were there at the last block");
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_refused_before_the_work()
    {
        Directory.CreateDirectory(LogPath);
        Assert.Equal("LogNotWritable", Assert.Throws<LogException>(() => QuantizationRun.Run(Options)).ErrorId);
        Assert.False(Directory.Exists(_run.Destination));
    }

    [Fact]
    public void The_report_says_how_the_run_went()
    {
        QuantizationRun.Run(Options);

        var report = Report(_run.Destination);
        Assert.Equal(("done", 0), ((string?)report["status"], (int)report["exit_code"]!));
        Assert.Equal("cpu", (string?)report["device"]);
        Assert.Equal(SmallModel.Blocks, (int)report["blocks"]!);
        Assert.Equal(["planning", "quantizing", "saving"], report["phases"]!.AsArray().Select(phase => (string?)phase!["name"]));
        Assert.InRange((double)report["seconds"]!, report["phases"]!.AsArray().Sum(phase => (double)phase!["seconds"]!) - 0.01, 600);
        Assert.Equal(4, (int)report["settings"]!["Quantizer"]!["WBits"]!);
        Assert.Empty(report["warnings"]!.AsArray());
        Assert.True((double)report["effective_bits"]! > 4);
    }

    [Fact]
    public void A_stopped_run_has_its_report_beside_its_state()
    {
        StoppedRun.StopAfter(Options, 1);

        var report = Report(_run.RunFolder);
        Assert.Equal(("cancelled", 130), ((string?)report["status"], (int)report["exit_code"]!));
        Assert.Equal("RunCancelled", (string?)Lines()[^1]["event"]);
    }

    [Fact]
    public void A_fault_is_logged_and_reported_with_its_id_and_what_to_do()
    {
        StoppedRun.StopAfter(Options, 1);
        Assert.ThrowsAny<OneCompException>(() => QuantizationRun.Run(Options with { Resume = true, Seed = 3 }));

        var report = Report(_run.RunFolder);
        Assert.Equal(("bad_input", 2, "RunSettingChanged"), ((string?)report["status"], (int)report["exit_code"]!, (string?)report["error"]!["id"]));
        Assert.Equal(("RunFailed", "error"), ((string?)Lines()[^1]["event"], (string?)Lines()[^1]["level"]));
    }

    [Fact]
    public void A_run_that_went_on_says_so()
    {
        StoppedRun.StopAfter(Options, 1);
        QuantizationRun.Run(Options with { Resume = true });
        Assert.Equal(1, (int)Report(_run.Destination)["resumed"]!);
        Assert.Contains(Lines(), line => (string?)line["event"] == "RunResumed");
    }

    [Fact]
    public void A_warning_makes_it_done_with_warnings()
    {
        using var journal = new RunJournal(LogPath, null);
        journal.Report(new WarningEvent("careful"));
        RunReport.Write(_run.File(""), Options, journal, null, []);

        var report = Report(_run.File(""));
        Assert.Equal(("done_with_warnings", 3), ((string?)report["status"], (int)report["exit_code"]!));
        Assert.Equal("warning", (string?)Lines()[^1]["level"]);
    }

    private QuantizationOptions Options => _run.Options(StoppedRun.Gptq) with { LogPath = LogPath };

    private List<JsonNode> Lines()
    {
        using var file = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. file.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static JsonNode Report(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run.json")))!;
}
