using System.Collections;
using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>Should: exactly one operator, and an error where it does not hold.</summary>
[Cmdlet(VerbsLifecycle.Assert, "PesterValue")]
public sealed class AssertPesterValueCommand : PSCmdlet
{
    private static readonly ScriptBlock Catch = ScriptBlock.Create("param($__script) try { $null = & $__script } catch { $_ }");
    private readonly List<object?> _values = [];

    [Parameter(ValueFromPipeline = true)]
    public object? ActualValue { get; set; }

    [Parameter(Position = 0)]
    public object? ExpectedValue { get; set; }

    [Parameter] public SwitchParameter Not { get; set; }
    [Parameter] public string? Because { get; set; }

    [Parameter] public SwitchParameter Be { get; set; }
    [Parameter] public SwitchParameter BeExactly { get; set; }
    [Parameter] public SwitchParameter BeNullOrEmpty { get; set; }
    [Parameter] public SwitchParameter Contain { get; set; }
    [Parameter] public SwitchParameter HaveCount { get; set; }
    [Parameter] public SwitchParameter BeTrue { get; set; }
    [Parameter] public SwitchParameter BeFalse { get; set; }
    [Parameter] public SwitchParameter BeGreaterThan { get; set; }
    [Parameter] public SwitchParameter BeGreaterOrEqual { get; set; }
    [Parameter] public SwitchParameter BeLessThan { get; set; }
    [Parameter] public SwitchParameter BeLessOrEqual { get; set; }
    [Parameter] public SwitchParameter BeOfType { get; set; }
    [Parameter] public SwitchParameter BeIn { get; set; }
    [Parameter] public SwitchParameter BeLike { get; set; }
    [Parameter] public SwitchParameter Match { get; set; }
    [Parameter] public SwitchParameter Exist { get; set; }

    [Parameter] public SwitchParameter Throw { get; set; }
    [Parameter] public string? ExpectedMessage { get; set; }
    [Parameter] public string? ErrorId { get; set; }
    [Parameter] public Type? ExceptionType { get; set; }
    [Parameter] public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() => _values.Add(ActualValue);

    protected override void EndProcessing()
    {
        var name = OperatorName();
        if (ShouldOperators.OnAll.TryGetValue(name, out var onAll))
        {
            var all = MyInvocation.ExpectingInput ? _values : ActualValue as IList ?? _values;
            Check(name, all, onAll(all, ExpectedValue));
            return;
        }

        foreach (var value in _values.DefaultIfEmpty(null))
        {
            var holds = name switch
            {
                nameof(Exist) => InvokeProvider.Item.Exists($"{value}"),
                nameof(Throw) => Throws(value),
                _ => ShouldOperators.OnEach[name](value, ExpectedValue),
            };
            Check(name, value, holds);
        }
    }

    private string OperatorName()
    {
        string[] known = [.. ShouldOperators.OnAll.Keys, .. ShouldOperators.OnEach.Keys, nameof(Exist), nameof(Throw)];
        var given = known.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        return given.Count == 1 ? given[0] : throw new PSArgumentException($"Should needs exactly one operator; given: '{string.Join(' ', given)}'.");
    }

    private bool Throws(object? value)
    {
        var script = (value is PSObject wrapped ? wrapped.BaseObject : value) as ScriptBlock
            ?? throw new PSArgumentException("Should -Throw needs a script block.");
        var caught = InvokeCommand.InvokeScript(true, Catch, null, script).Select(item => item.BaseObject).OfType<ErrorRecord>().FirstOrDefault();
        if (caught is null)
        {
            return false;
        }

        var message = ExpectedMessage ?? ExpectedValue?.ToString();
        var matches = (message is null || WildcardPattern.Get(message, WildcardOptions.IgnoreCase).IsMatch(caught.Exception.Message))
            && (ErrorId is null || string.Equals(ErrorId, caught.FullyQualifiedErrorId, StringComparison.OrdinalIgnoreCase))
            && ExceptionType?.IsInstanceOfType(caught.Exception) != false;
        if (matches && PassThru)
        {
            WriteObject(caught);
        }

        // What was thrown instead is what one needs to know.
        ExpectedValue ??= $"{message} {ErrorId} {ExceptionType}".Trim();
        _thrown = $"'{caught.Exception.Message}' [{caught.FullyQualifiedErrorId}, {caught.Exception.GetType()}]";
        return matches;
    }

    private string? _thrown;

    private void Check(string name, object? actual, bool holds)
    {
        if (holds == Not)
        {
            var message = $"Expected {_thrown ?? Show(actual)} to{(Not ? " not" : "")} {name} {Show(ExpectedValue)}"
                + (Because is null ? "." : $", because {Because}.");
            ThrowTerminatingError(new ErrorRecord(new InvalidOperationException(message), "PesterAssertionFailed", ErrorCategory.InvalidResult, null));
        }
    }

    private static string Show(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => "$null",
        string text => $"'{text}'",
        IList list => $"@({string.Join(", ", list.Cast<object?>().Select(Show))})",
        var other => $"{LanguagePrimitives.ConvertTo<string>(other)} ({other.GetType().Name})",
    };
}
