namespace OneComp.Hosting;

/// <summary>
/// How fast an activity is: units a second, averaged with weights that fade over half a minute, or a third of the time measured where that is longer. A
/// burst of quick units or a slow one moves it little, a change that lasts moves it in the end.
/// </summary>
internal sealed class Pace(TimeSpan now, long done)
{
    private const double LeastSeconds = 3;
    private const int LeastSteps = 2;
    private const double FadeSeconds = 30;
    private const double FadeShare = 1.0 / 3;

    private TimeSpan _at = now;
    private long _done = done;
    private double _measured;   // seconds
    private double _units;      // faded
    private double _seconds;    // faded alike
    private int _steps;

    /// <summary>Units a second; null until it means something.</summary>
    public double? Rate => _steps >= LeastSteps && _measured >= LeastSeconds ? _units / _seconds : null;

    /// <summary>Takes where the activity stands. Time before its first unit is done does not count: that is preparation.</summary>
    public void Add(TimeSpan now, long done)
    {
        if (done <= _done)
        {
            if (_steps == 0)
            {
                _at = now;
            }

            return;
        }

        var seconds = (now - _at).TotalSeconds;
        var fade = Math.Exp(-seconds / Math.Max(FadeSeconds, _measured * FadeShare));
        _units = (_units * fade) + (done - _done);
        _seconds = (_seconds * fade) + seconds;
        _measured += seconds;
        _steps++;
        (_at, _done) = (now, done);
    }

    /// <summary>Seconds until all is done; -1 until that means something.</summary>
    public int SecondsLeft(TimeSpan now, long total) => Rate is > 0 and var rate && total > 0
        ? (int)Math.Clamp(((total - _done) / rate) - (now - _at).TotalSeconds, 0, int.MaxValue)
        : -1;
}
