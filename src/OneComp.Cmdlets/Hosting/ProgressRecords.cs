using System.Management.Automation;
using OneComp.Progress;

namespace OneComp.Hosting;

/// <summary>Turns progress events into PowerShell's nested progress records.</summary>
internal sealed class ProgressRecords(TimeProvider clock)
{
    private readonly SortedDictionary<int, Open> _open = [];

    /// <summary>
    /// The records to write for an event: its level is the activity id, the level above its parent. A finished level also
    /// closes those below it.
    /// </summary>
    public IReadOnlyList<ProgressRecord> Next(ProgressEvent progress)
    {
        if (progress.IsComplete)
        {
            return Close(progress.Level);
        }

        if (!_open.TryGetValue(progress.Level, out var open) || open.Activity != progress.Activity || progress.Done < open.FirstDone)
        {
            open = new Open(progress.Activity, clock.GetTimestamp(), progress.Done);
            _open[progress.Level] = open;
        }

        return [new ProgressRecord(progress.Level, progress.Activity, NotEmpty(progress.Status))
        {
            ParentActivityId = Parent(progress.Level),
            PercentComplete = progress.Total > 0 ? (int)(100.0 * progress.Done / progress.Total) : -1,
            SecondsRemaining = SecondsRemaining(progress, open),
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

    /// <summary>At the mean rate since the activity began; -1 where there is no rate yet.</summary>
    private int SecondsRemaining(ProgressEvent progress, Open open)
    {
        var done = progress.Done - open.FirstDone;
        return progress.Total > 0 && done > 0
            ? (int)Math.Min(int.MaxValue, clock.GetElapsedTime(open.Started).TotalSeconds / done * (progress.Total - progress.Done))
            : -1;
    }

    // The record's constructor refuses an empty text.
    private static string NotEmpty(string text) => text.Length > 0 ? text : " ";

    private sealed record Open(string Activity, long Started, long FirstDone);
}
