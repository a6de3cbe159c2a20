using System.Collections;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace OneComp.Tests.PesterAdapter;

/// <summary>One element of -ForEach or -TestCases: the keys of a hashtable become variables, anything else is $_.</summary>
public sealed partial record PesterData(object? Value)
{
    public static PesterData None { get; } = new((object?)null);

    public IReadOnlyDictionary<string, object?> Variables { get; } = Unwrap(Value) is IDictionary table
        ? table.Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => entry.Value)
        : new Dictionary<string, object?>();

    public static IEnumerable<PesterData> Each(object[]? items) =>
        items is null ? [None] : items.Select(item => new PesterData(item));

    /// <summary>Replaces &lt;key&gt; and &lt;_&gt; in a name, as Pester does.</summary>
    public string Expand(string name) => Placeholder().Replace(name, match =>
        match.Groups[1].Value == "_" ? $"{Unwrap(Value)}"
        : Variables.TryGetValue(match.Groups[1].Value, out var value) ? $"{Unwrap(value)}"
        : match.Value);

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    [GeneratedRegex("<(\\w+)>")]
    private static partial Regex Placeholder();
}
