using System.Management.Automation;
using OneComp.ScriptHost;

namespace OneComp.Tests.Host;

public sealed class PlainProgressTests : IDisposable
{
    private readonly StringWriter _log = new();
    private readonly Clock _clock = new();
    private readonly PlainProgress _progress;

    public PlainProgressTests() => _progress = new PlainProgress(_log, _clock);

    private string[] Lines => _log.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_line_comes_every_five_seconds_at_most()
    {
        for (var second = 0; second < 12; second++)
        {
            _progress.Show(1, new ProgressRecord(0, "Quantizing", $"second {second}"));
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(["Quantizing: second 0", "Quantizing: second 5", "Quantizing: second 10"], Lines);
    }

    [Fact]
    public void An_activity_shows_as_it_begins_even_right_after_another()
    {
        _progress.Show(1, new ProgressRecord(0, "Planning", "x"));
        _progress.Show(1, new ProgressRecord(0, "Planning", "x") { RecordType = ProgressRecordType.Completed });
        _progress.Show(2, new ProgressRecord(0, "Quantizing", "y"));
        Assert.Equal(["Planning: x", "Planning: done", "Quantizing: y"], Lines);
    }

    [Fact]
    public void A_line_tells_the_open_activities_from_the_outermost()
    {
        _progress.Show(1, new ProgressRecord(0, "Quantizing", "block 3 of 6") { PercentComplete = 40, SecondsRemaining = 72 });
        _clock.Now += TimeSpan.FromSeconds(9);
        _progress.Show(1, new ProgressRecord(1, "Block 2", "mlp.down_proj"));
        Assert.Equal("Quantizing: block 3 of 6, 40 %, 0:01:12 left | Block 2: mlp.down_proj", Lines[^1]);
    }

    [Fact]
    public void Only_the_end_of_the_outermost_activity_is_told()
    {
        _progress.Show(1, new ProgressRecord(0, "Quantizing", "x"));
        _progress.Show(1, new ProgressRecord(1, "Block 2", "y"));
        _progress.Show(1, new ProgressRecord(1, "Block 2", "y") { RecordType = ProgressRecordType.Completed });
        _progress.Show(1, new ProgressRecord(0, "Quantizing", "x") { RecordType = ProgressRecordType.Completed });
        Assert.Equal(["Quantizing: x", "Quantizing: done"], Lines);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
