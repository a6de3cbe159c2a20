namespace OneComp.Build.Help;

/// <summary>Reads a cmdlet's Markdown page: title, synopsis, then the sections of <see cref="HelpPage"/>.</summary>
public static class HelpPageReader
{
    private static readonly string[] Sections = ["Description", "Parameters", "Inputs", "Outputs", "Examples", "Links"];

    /// <summary>Reads a page.</summary>
    /// <param name="markdown">Its text.</param>
    /// <exception cref="FormatException">A section is missing, unknown, twice there or empty.</exception>
    public static HelpPage Read(string markdown)
    {
        var (_, titles) = Markdown.Split(markdown, 1);
        if (titles.Count != 1)
        {
            throw new FormatException($"has {titles.Count} titles ('# Verb-Noun'); one is expected");
        }

        var (synopsis, parts) = Markdown.Split(titles[0].Text, 2);
        var headings = parts.Select(part => part.Heading).ToList();
        if (!headings.SequenceEqual(Sections))
        {
            throw new FormatException($"has the sections {string.Join(", ", headings)}; expected are {string.Join(", ", Sections)}");
        }

        var texts = parts.ToDictionary(part => part.Heading, part => part.Text);
        return new HelpPage
        {
            Name = titles[0].Heading,
            Synopsis = string.Join(' ', Filled(Markdown.Paragraphs(synopsis), "synopsis")),
            Description = Filled(Markdown.Paragraphs(texts["Description"]), "description"),
            Parameters = Entries(texts["Parameters"]).ToDictionary(entry => entry.Name, entry => entry.Text),
            Inputs = Entries(texts["Inputs"]),
            Outputs = Entries(texts["Outputs"]),
            Examples = [.. Markdown.Split(texts["Examples"], 3).Parts.Select(part => Example(part.Heading, part.Text))],
            Links = [.. Markdown.Paragraphs(texts["Links"]).Select(link => link.StartsWith("- ", StringComparison.Ordinal) ? link[2..] : link)],
        };
    }

    private static List<HelpEntry> Entries(string text) =>
        [.. Markdown.Split(text, 3).Parts.Select(part => new HelpEntry(part.Heading, Filled(Markdown.Paragraphs(part.Text), part.Heading)))];

    private static HelpExample Example(string title, string text)
    {
        var (code, rest) = Markdown.Code(text);
        return new HelpExample(title, code ?? throw new FormatException($"example '{title}' has no code"), Markdown.Paragraphs(rest));
    }

    private static IReadOnlyList<string> Filled(IReadOnlyList<string> paragraphs, string what) =>
        paragraphs.Count > 0 ? paragraphs : throw new FormatException($"{what} has no text");
}
