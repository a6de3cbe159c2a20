using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>Shows the open activities as one line of text.</summary>
internal abstract class ProgressLine(TextWriter output, TimeProvider clock, TimeSpan interval)
{
    private readonly List<(long Source, ProgressRecord Record)> _open = []; // outermost first
    private long? _shownAt;

    protected TextWriter Output => output;

    /// <summary>Takes a record and shows the line, unless one was shown just before and no outermost activity begins.</summary>
    public void Show(long source, ProgressRecord record)
    {
        var at = _open.FindIndex(open => open.Source == source && open.Record.ActivityId == record.ActivityId);
        if (record.RecordType == ProgressRecordType.Completed)
        {
            if (at >= 0)
            {
                var outermost = at == 0;
                _open.RemoveAt(at);
                Completed(record, outermost);
            }
        }
        else
        {
            if (at >= 0)
            {
                _open[at] = (source, record);
            }
            else
            {
                _open.Add((source, record));
            }

            var begins = at < 0 && _open.Count == 1; // each activity shows at least once, however short it is
            if (begins || _shownAt is null || clock.GetElapsedTime(_shownAt.Value) >= interval)
            {
                _shownAt = clock.GetTimestamp();
                Draw(Text());
            }
        }
    }

    /// <summary>Takes the line off the screen; the next record brings it back.</summary>
    public virtual void Clear()
    {
    }

    protected abstract void Draw(string text);

    protected abstract void Completed(ProgressRecord record, bool outermost);

    /// <summary>"Quantizing tiny-llama: block 3 of 6, 40 %, 0:12 left | block 2: mlp.down_proj".</summary>
    private string Text() => string.Join(" | ", _open.Select(open => Describe(open.Record)));

    private static string Describe(ProgressRecord record)
    {
        var parts = new List<string>();
        if (!string.IsNullOrWhiteSpace(record.StatusDescription))
        {
            parts.Add(record.StatusDescription);
        }

        if (record.PercentComplete >= 0)
        {
            parts.Add($"{record.PercentComplete} %");
        }

        if (record.SecondsRemaining >= 0)
        {
            parts.Add($"{TimeSpan.FromSeconds(record.SecondsRemaining):h\\:mm\\:ss} left");
        }

        return parts.Count == 0 ? record.Activity : $"{record.Activity}: {string.Join(", ", parts)}";
    }
}
