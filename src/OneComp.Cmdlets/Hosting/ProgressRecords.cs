using System.Globalization;
using System.Management.Automation;
using OneComp.Progress;

namespace OneComp.Hosting;

/// <summary>Turns progress events into PowerShell's nested progress records.</summary>
internal sealed class ProgressRecords(TimeProvider clock)
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T"];
    private readonly SortedDictionary<int, Open> _open = [];
    private readonly long _begun = clock.GetTimestamp();

    /// <summary>
    /// The records to write for an event: its level is the activity id, the level above its parent. A finished level, and one that begins
    /// another activity, also close those below it.
    /// </summary>
    public IReadOnlyList<ProgressRecord> Next(ProgressEvent progress)
    {
        if (progress.IsComplete)
        {
            return Close(progress.Level);
        }

        IReadOnlyList<ProgressRecord> closed = [];
        var now = clock.GetElapsedTime(_begun);
        if (!_open.TryGetValue(progress.Level, out var open) || open.Activity != progress.Activity || progress.Done < open.FirstDone)
        {
            closed = Close(progress.Level + 1);
            open = new Open(progress.Activity, progress.Done, new Pace(now, progress.Done));
            _open[progress.Level] = open;
        }

        open.Pace.Add(now, progress.Done);
        return [.. closed, new ProgressRecord(progress.Level, progress.Activity, Status(progress, open.Pace.Rate))
        {
            ParentActivityId = Parent(progress.Level),
            PercentComplete = progress.Total > 0 ? (int)(100.0 * progress.Done / progress.Total) : -1,
            SecondsRemaining = open.Pace.SecondsLeft(now, progress.Total),
        }];
    }

    /// <summary>Closing records for what is still open at <paramref name="level"/> and below, deepest first.</summary>
    public IReadOnlyList<ProgressRecord> Close(int level = 0)
    {
        var records = new List<ProgressRecord>();
        foreach (var (open, state) in _open.Where(pair => pair.Key >= level).Reverse().ToList())
        {
            records.Add(new ProgressRecord(open, state.Activity, " ")
            {
                ParentActivityId = Parent(open),
                RecordType = ProgressRecordType.Completed,
            });
            _open.Remove(open);
        }

        return records;
    }

    private int Parent(int level) => _open.ContainsKey(level - 1) ? level - 1 : -1;

    // The record's constructor refuses an empty text.
    private static string Status(ProgressEvent progress, double? rate)
    {
        var text = rate is { } speed && progress.Unit is { } unit ? $"{progress.Status}, {Short(speed)} {unit}/s" : progress.Status;
        return text.Length > 0 ? text : " ";
    }

    /// <summary>Three digits and a prefix: 1.25 M.</summary>
    private static string Short(double number)
    {
        var thousands = number < 1 ? 0 : Math.Min((int)(Math.Log10(number) / 3), Prefixes.Length - 1);
        return (number / Math.Pow(1000, thousands)).ToString("G3", CultureInfo.InvariantCulture) + (thousands > 0 ? " " + Prefixes[thousands] : "");
    }

    private sealed record Open(string Activity, long FirstDone, Pace Pace);
}
