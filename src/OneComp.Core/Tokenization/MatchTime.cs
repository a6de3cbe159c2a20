namespace OneComp.Tokenization;

/// <summary>
/// The time that all patterns of a tokenizer together may take on one text: many that each are just not too slow would be. Belongs to the thread
/// that encodes.
/// </summary>
internal sealed class MatchTime : IDisposable
{
    // Common patterns cut about ten million characters a second; this leaves a hundredfold for slow machines.
    private const double CharactersPerSecond = 100_000;

    [ThreadStatic]
    private static MatchTime? _current;

    private readonly MatchTime? _outer = _current;

    private MatchTime(TimeSpan left) => Left = left;

    /// <summary>Time beyond what a text's length explains.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(1.5);

    /// <summary>What is left on this thread; null outside an encoding.</summary>
    public static TimeSpan? Remaining => _current?.Left;

    private TimeSpan Left { get; set; }

    /// <summary>Begins the time for a text; disposing ends it.</summary>
    public static MatchTime Begin(int characters)
    {
        var time = new MatchTime(For(characters, Patience));
        _current = time;
        return time;
    }

    /// <summary>The time for a text of so many characters.</summary>
    public static TimeSpan For(int characters, TimeSpan patience) => TimeSpan.FromSeconds(characters / CharactersPerSecond) + patience;

    /// <summary>Takes time that was spent.</summary>
    public static void Spend(TimeSpan time)
    {
        if (_current is { } current)
        {
            current.Left -= time;
        }
    }

    public void Dispose() => _current = _outer;
}
