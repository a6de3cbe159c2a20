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
    public void The_time_left_follows_the_mean_rate_since_the_activity_began()
    {
        Assert.Equal(-1, Next(0, done: 2, total: 10).SecondsRemaining);
        _clock.Now += TimeSpan.FromSeconds(6);
        Assert.Equal(10, Next(0, done: 5, total: 10).SecondsRemaining);
    }

    [Fact]
    public void A_new_activity_on_the_same_level_starts_its_own_clock()
    {
        Next(1, done: 0, total: 10, activity: "first");
        _clock.Now += TimeSpan.FromSeconds(100);
        Next(1, done: 0, total: 10, activity: "second");
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(27, Next(1, done: 1, total: 10, activity: "second").SecondsRemaining);
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

    private ProgressRecord Next(int level, long done, long total, string activity = "a") =>
        Assert.Single(_records.Next(new ProgressEvent(level, activity, "", done, total)));

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
