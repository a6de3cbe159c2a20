using System.Text.RegularExpressions;

namespace OneComp.Build.Help;

/// <summary>The little of Markdown that help pages use: headings, paragraphs, lists, fenced code.</summary>
internal static partial class Markdown
{
    private const string Fence = "```";

    /// <summary>Splits a text at headings of a level.</summary>
    /// <returns>What comes before the first, and heading and text of each.</returns>
    public static (string Before, IReadOnlyList<(string Heading, string Text)> Parts) Split(string text, int level)
    {
        var mark = new string('#', level) + " ";
        var parts = new List<(string Heading, List<string> Lines)> { ("", []) };
        var inCode = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            inCode ^= line.StartsWith(Fence, StringComparison.Ordinal);
            if (!inCode && line.StartsWith(mark, StringComparison.Ordinal))
            {
                parts.Add((line[mark.Length..].Trim(), []));
            }
            else
            {
                parts[^1].Lines.Add(line);
            }
        }

        return (Join(parts[0].Lines), [.. parts.Skip(1).Select(part => (part.Heading, Join(part.Lines)))]);
    }

    /// <summary>Paragraphs, each on one line, without marks; an item of a list is a paragraph that begins with "- ".</summary>
    public static IReadOnlyList<string> Paragraphs(string text)
    {
        var paragraphs = new List<string>();
        var open = false;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.Length == 0)
            {
                open = false;
            }
            else if (open && !line.StartsWith("- ", StringComparison.Ordinal))
            {
                paragraphs[^1] += " " + Plain(line);
            }
            else
            {
                paragraphs.Add(Plain(line));
                open = true;
            }
        }

        return paragraphs;
    }

    /// <summary>The first fenced block, and what is around it.</summary>
    public static (string? Code, string Around) Code(string text)
    {
        var match = Block().Match(text);
        return match.Success ? (match.Groups[1].Value.TrimEnd('\n'), text.Remove(match.Index, match.Length)) : (null, text);
    }

    /// <summary>A line without backticks, and links as their texts.</summary>
    public static string Plain(string line) => Link().Replace(line, "$1").Replace("`", "", StringComparison.Ordinal);

    private static string Join(List<string> lines) => string.Join('\n', lines).Trim('\n');

    [GeneratedRegex("""^```\w*\n(.*?)^```[ ]*$""", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("""\[([^\]]+)\]\([^)]+\)""")]
    private static partial Regex Link();
}
