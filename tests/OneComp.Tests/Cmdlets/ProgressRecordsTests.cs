using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Progress;

namespace OneComp.Tests.Cmdlets;

public sealed class ProgressRecordsTests
{
    private readonly Clock _clock = new();
    private readonly ProgressRecords _records;

    public ProgressRecordsTests() => _records = new ProgressRecords(_clock);

    [Fact]
    public void The_time_left_is_shown_once_it_means_something()
    {
        Assert.Equal(-1, Next(0, done: 2, total: 10).SecondsRemaining);
        Assert.Equal(-1, After(2, done: 3, total: 10).SecondsRemaining);  // one step
        Assert.Equal(12, After(2, done: 4, total: 10).SecondsRemaining);  // two of two seconds each, six to go
    }

    [Fact]
    public void A_few_quick_steps_say_nothing_yet()
    {
        Next(0, done: 0, total: 100);
        After(0.5, done: 1, total: 100);
        Assert.Equal(-1, After(0.5, done: 2, total: 100).SecondsRemaining);
    }

    [Fact]
    public void Time_before_the_first_step_is_not_counted()
    {
        Next(0, done: 0, total: 10);
        After(1000, done: 0, total: 10); // planning
        After(2, done: 1, total: 10);
        Assert.Equal(16, After(2, done: 2, total: 10).SecondsRemaining);
    }

    [Fact]
    public void The_time_left_falls_as_time_passes_and_never_below_nothing()
    {
        Next(0, done: 0, total: 10);
        After(5, done: 1, total: 10);
        Assert.Equal(40, After(5, done: 2, total: 10).SecondsRemaining);
        Assert.Equal(37, After(3, done: 2, total: 10).SecondsRemaining);
        Assert.Equal(0, After(300, done: 2, total: 10).SecondsRemaining);
    }

    [Fact]
    public void Steps_of_uneven_length_give_a_time_that_settles()
    {
        Next(0, done: 0, total: 400);
        var shown = new List<double>();
        for (var step = 1; step <= 200; step++)
        {
            var record = After(step % 4 == 0 ? 7 : 1, done: step, total: 400); // 2.5 seconds a step on average
            shown.Add(record.SecondsRemaining / (2.5 * (400 - step)));
        }

        Assert.All(shown.Skip(40), share => Assert.InRange(share, 0.75, 1.25));
    }

    [Fact]
    public void A_change_of_speed_that_lasts_is_followed()
    {
        Next(0, done: 0, total: 1000);
        for (var step = 1; step <= 60; step++)
        {
            After(1, done: step, total: 1000);
        }

        var record = Next(0, done: 60, total: 1000);
        for (var step = 61; step <= 200; step++)
        {
            record = After(2, done: step, total: 1000);
        }

        Assert.InRange(record.SecondsRemaining, 2 * 800 * 0.9, 2 * 800);
    }

    [Fact]
    public void A_rate_is_told_where_the_units_have_a_name()
    {
        Next(0, done: 0, total: 10_000_000, unit: "weights");
        After(2, done: 2_500_000, total: 10_000_000, unit: "weights");
        Assert.Equal("s, 1.25 M weights/s", After(2, done: 5_000_000, total: 10_000_000, unit: "weights").StatusDescription);
        Next(1, done: 0, total: 10);
        After(2, done: 1, total: 10, level: 1);
        Assert.Equal("s", After(2, done: 2, total: 10, level: 1).StatusDescription);
    }

    [Fact]
    public void A_new_activity_on_the_same_level_starts_its_own_clock_and_closes_what_was_below_the_last()
    {
        Next(1, done: 0, total: 10, activity: "first");
        Next(2, done: 0, total: 10, activity: "stage of the first");
        _clock.Now += TimeSpan.FromSeconds(100);
        var records = _records.Next(new ProgressEvent(1, "second", "s", 0, 10));
        Assert.Equal([(2, ProgressRecordType.Completed), (1, ProgressRecordType.Processing)], records.Select(record => (record.ActivityId, record.RecordType)));
        After(3, done: 1, total: 10, activity: "second", level: 1);
        Assert.Equal(24, After(3, done: 2, total: 10, activity: "second", level: 1).SecondsRemaining);
    }

    [Fact]
    public void An_unknown_total_gives_no_percent_and_no_time()
    {
        Next(0, done: 0, total: 0);
        _clock.Now += TimeSpan.FromSeconds(3);
        var record = Next(0, done: 7, total: 0);
        Assert.Equal((-1, -1), (record.PercentComplete, record.SecondsRemaining));
    }

    [Fact]
    public void A_finished_level_closes_what_is_below_it_first()
    {
        Next(0, done: 0, total: 2);
        Next(1, done: 0, total: 2);
        Next(2, done: 0, total: 2);
        var closed = _records.Next(new ProgressEvent(1, "a", "s", 2, 2));
        Assert.Equal([2, 1], closed.Select(record => record.ActivityId));
        Assert.All(closed, record => Assert.Equal(ProgressRecordType.Completed, record.RecordType));
        Assert.Equal([0], _records.Close().Select(record => record.ActivityId));
    }

    [Fact]
    public void A_level_without_the_one_above_it_has_no_parent() => Assert.Equal(-1, Next(2, done: 0, total: 2).ParentActivityId);

    [Fact]
    public void Counts_beyond_32_bits_give_a_percent() => Assert.Equal(50, Next(0, done: 1L << 61, total: 1L << 62).PercentComplete);

    private ProgressRecord Next(int level, long done, long total, string activity = "a", string? unit = null) =>
        Assert.Single(_records.Next(new ProgressEvent(level, activity, "s", done, total) { Unit = unit }));

    private ProgressRecord After(double seconds, long done, long total, string activity = "a", int level = 0, string? unit = null)
    {
        _clock.Now += TimeSpan.FromSeconds(seconds);
        return Next(level, done, total, activity, unit);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
