using System.Text;

namespace OneComp.Build.Help;

/// <summary>Turns an about topic into the plain text that Get-Help shows.</summary>
public static class AboutWriter
{
    private const int Width = 78;
    private const string Indent = "    ";

    /// <summary>The text of a page with one title, sections, paragraphs, lists and code.</summary>
    /// <exception cref="FormatException">It has no single title.</exception>
    public static string Write(string markdown)
    {
        var (_, titles) = Markdown.Split(markdown, 1);
        if (titles.Count != 1)
        {
            throw new FormatException($"has {titles.Count} titles ('# about_Topic'); one is expected");
        }

        var (summary, parts) = Markdown.Split(titles[0].Text, 2);
        var text = new StringBuilder().Append("TOPIC\n").Append(Indent).Append(titles[0].Heading).Append("\n\nSHORT DESCRIPTION\n");
        Body(text, summary);
        foreach (var (heading, body) in parts)
        {
            text.Append('\n').Append(heading.ToUpperInvariant()).Append('\n');
            Body(text, body);
        }

        return text.ToString();
    }

    private static void Body(StringBuilder text, string body)
    {
        var first = true;
        while (body.Length > 0)
        {
            var (code, _) = Markdown.Code(body);
            var at = code is null ? body.Length : body.IndexOf("```", StringComparison.Ordinal);
            foreach (var paragraph in Markdown.Paragraphs(body[..at]))
            {
                var isItem = paragraph.StartsWith("- ", StringComparison.Ordinal);
                text.Append(first || isItem ? "" : "\n");
                Wrap(text, paragraph, isItem ? Indent + "  " : Indent);
                first = false;
            }

            if (code is null)
            {
                return;
            }

            text.Append(first ? "" : "\n");
            foreach (var line in code.Split('\n'))
            {
                text.Append(Indent).Append(Indent).Append(line).Append('\n');
            }

            first = false;
            body = body[(body.IndexOf("```", at + 3, StringComparison.Ordinal) + 3)..];
        }
    }

    private static void Wrap(StringBuilder text, string paragraph, string hanging)
    {
        var line = Indent;
        foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Trim().Length > 0 && line.Length + 1 + word.Length > Width)
            {
                text.Append(line).Append('\n');
                line = hanging + word;
            }
            else
            {
                line += line.Trim().Length > 0 ? " " + word : word;
            }
        }

        text.Append(line).Append('\n');
    }
}
