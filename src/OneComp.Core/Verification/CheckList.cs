using OneComp.Errors;

namespace OneComp.Verification;

/// <summary>Collects the rows: one for each fault, and one for a check without any.</summary>
internal sealed class CheckList(string model)
{
    private readonly List<CheckResult> _rows = [];
    private int _checks;
    private int _failed;

    /// <summary>Runs a check to its end; a file that cannot be read is a fault of it.</summary>
    /// <param name="check">Its name.</param>
    /// <param name="lookedAt">What a row without fault says of how much was looked at.</param>
    /// <param name="faults">Faults as they are found: the target, and what is wrong.</param>
    /// <returns>Whether nothing was at fault.</returns>
    public bool Run(string check, string lookedAt, IEnumerable<(string Target, string Fault)> faults)
    {
        var before = _rows.Count;
        _checks++;
        try
        {
            foreach (var (target, fault) in faults)
            {
                _rows.Add(new CheckResult(model, check, target, Passed: false, fault));
            }
        }
        catch (Exception exception) when (exception is OneCompException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            _rows.Add(new CheckResult(model, check, (exception as OneCompException)?.Subject ?? model, Passed: false, exception.Message));
        }

        if (_rows.Count > before)
        {
            _failed++;
            return false;
        }

        _rows.Add(new CheckResult(model, check, Path.GetFileName(model), Passed: true, lookedAt));
        return true;
    }

    /// <summary>All rows, with the verdict as the last.</summary>
    public IReadOnlyList<CheckResult> Rows() =>
    [
        .. _rows,
        new CheckResult(model, "Verdict", Path.GetFileName(model), _failed == 0, _failed == 0 ? $"{_checks} checks passed." : $"{_failed} of {_checks} checks failed."),
    ];

    /// <summary>One thing's fault, where reading it throws.</summary>
    public static string? FaultOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (OneCompException exception)
        {
            return exception.Message;
        }
    }
}
