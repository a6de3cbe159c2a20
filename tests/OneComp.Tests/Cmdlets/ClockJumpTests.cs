using OneComp.Hosting;
using OneComp.Progress;

namespace OneComp.Tests.Cmdlets;

/// <summary>A clock that is set while a run works: rates and time left go by what passes, not by the time of day.</summary>
public class ClockJumpTests
{
    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    [InlineData(-1_500_000_000)]
    public void The_time_left_does_not_follow_the_clock(int jump)
    {
        var clock = new SetClock();
        var records = new ProgressRecords(clock);
        var left = Enumerable.Range(0, 6).Select(done =>
        {
            clock.Pass(TimeSpan.FromSeconds(2));
            clock.Jump(TimeSpan.FromSeconds(done == 3 ? jump : 0));
            return records.Next(new ProgressEvent(0, "Quantizing", "block", done, 10))[^1].SecondsRemaining;
        }).ToList();

        Assert.Equal([14, 12, 10], left[3..]);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _passed;
        private DateTimeOffset _now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _passed;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Pass(TimeSpan time) => (_passed, _now) = (_passed + time.Ticks, _now + time);

        public void Jump(TimeSpan time) => _now += time;
    }
}
