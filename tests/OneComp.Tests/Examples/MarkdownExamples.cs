namespace OneComp.Tests.Examples;

/// <summary>A fenced block of a Markdown file.</summary>
/// <param name="Line">Line of its first fence, from 1.</param>
/// <param name="Text">What is between the fences.</param>
internal sealed record MarkdownExample(int Line, string Text);

/// <summary>Finds the examples of a Markdown file that are meant to run.</summary>
internal static class MarkdownExamples
{
    private const string Fence = "```";
    private const string SkipMark = "# not run here";

    /// <summary>The blocks in a language that have no line beginning with <c># not run here</c>.</summary>
    /// <exception cref="FormatException">A block has no closing fence.</exception>
    public static IReadOnlyList<MarkdownExample> Of(string markdown, string language)
    {
        var examples = new List<MarkdownExample>();
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var end = Array.FindIndex(lines, i + 1, line => line.TrimEnd() == Fence);
            if (end < 0)
            {
                throw new FormatException($"The block at line {i + 1} has no closing fence.");
            }

            var body = lines[(i + 1)..end];
            if (lines[i].TrimEnd() == Fence + language && !body.Any(line => line.StartsWith(SkipMark, StringComparison.Ordinal)))
            {
                examples.Add(new MarkdownExample(i + 1, string.Join('\n', body)));
            }

            i = end;
        }

        return examples;
    }
}
