using System.Management.Automation;
using System.Management.Automation.Host;

namespace OneComp.ScriptHost;

/// <summary>Asks on the console for mandatory parameters and confirmations.</summary>
internal sealed class Questions(Terminal terminal)
{
    /// <summary>Asks for a value for each field.</summary>
    public Dictionary<string, PSObject> Fields(string caption, string message, IEnumerable<FieldDescription> fields)
    {
        Head(caption, message);
        var answers = new Dictionary<string, PSObject>();
        foreach (var field in fields)
        {
            terminal.WriteError($"{field.Name}:");
            answers[field.Name] = PSObject.AsPSObject(terminal.ReadLine());
        }

        return answers;
    }

    /// <summary>Asks until one of the choices is named by its letter or its word; an empty answer takes the default.</summary>
    public int Choice(string caption, string message, IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        Head(caption, message);
        var options = choices.Select(choice => new Option(choice)).ToList();
        while (true)
        {
            terminal.WriteError(string.Join("  ", options.Select(option => $"[{option.Letter}] {option.Word}")));
            var answer = terminal.ReadLine().Trim();
            var index = answer.Length == 0 ? defaultChoice : options.FindIndex(option => option.Matches(answer));
            if (index >= 0)
            {
                return index;
            }
        }
    }

    private void Head(string caption, string message)
    {
        foreach (var line in new[] { caption, message }.Where(line => !string.IsNullOrEmpty(line)))
        {
            terminal.WriteError(line);
        }
    }

    /// <summary>A choice's label marks its letter with an ampersand: "Yes to &amp;All".</summary>
    private sealed record Option(string Word, string Letter)
    {
        public Option(ChoiceDescription choice)
            : this(choice.Label.Replace("&", "", StringComparison.Ordinal), LetterOf(choice.Label))
        {
        }

        public bool Matches(string answer) =>
            answer.Equals(Letter, StringComparison.OrdinalIgnoreCase) || answer.Equals(Word, StringComparison.OrdinalIgnoreCase);

        private static string LetterOf(string label)
        {
            var mark = label.IndexOf('&', StringComparison.Ordinal);
            return mark >= 0 && mark + 1 < label.Length ? label.Substring(mark + 1, 1) : label;
        }
    }
}
