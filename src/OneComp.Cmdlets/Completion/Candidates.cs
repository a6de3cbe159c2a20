using System.Management.Automation;
using System.Management.Automation.Language;

namespace OneComp.Completion;

/// <summary>Turns values into completions of what was typed.</summary>
internal static class Candidates
{
    private static readonly char[] Quotes = ['\'', '"', '\u2018', '\u2019', '\u201C', '\u201D'];

    /// <summary>What was typed, without quotes.</summary>
    public static string Typed(string? word) => (word ?? "").Trim(Quotes);

    /// <summary>The values that begin with what was typed, then those that hold it.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="values">Values, and what to say of each.</param>
    public static IEnumerable<CompletionResult> Of(string? word, IEnumerable<(string Value, string Tip)> values)
    {
        var typed = Typed(word);
        return values
            .Where(value => value.Value.Contains(typed, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(value => value.Value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(value => new CompletionResult(Quoted(value.Value), value.Value, CompletionResultType.ParameterValue, value.Tip.Length > 0 ? value.Tip : value.Value));
    }

    /// <summary>The value as one argument.</summary>
    public static string Quoted(string value) => IsPlain(value) ? value : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";

    private static bool IsPlain(string value) => value.Length > 0 && value[0] is not ('@' or '#' or '-' or '<' or '>')
        && value.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' or '-' or '/' or '\\' or ':' or '~' or '@');
}
