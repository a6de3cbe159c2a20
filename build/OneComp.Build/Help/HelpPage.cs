namespace OneComp.Build.Help;

/// <summary>The help of one cmdlet, as its Markdown page has it.</summary>
public sealed record HelpPage
{
    /// <summary>The cmdlet.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Synopsis { get; init; }

    /// <summary>Paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>Paragraphs by the name of the parameter.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters { get; init; }

    /// <summary>Types that come down the pipeline, with a text each.</summary>
    public required IReadOnlyList<HelpEntry> Inputs { get; init; }

    /// <summary>Types that are given, with a text each.</summary>
    public required IReadOnlyList<HelpEntry> Outputs { get; init; }

    /// <summary>Examples.</summary>
    public required IReadOnlyList<HelpExample> Examples { get; init; }

    /// <summary>Names of related cmdlets and topics, or addresses.</summary>
    public required IReadOnlyList<string> Links { get; init; }
}

/// <summary>A type with paragraphs about it.</summary>
/// <param name="Name">The type.</param>
/// <param name="Text">Paragraphs.</param>
public sealed record HelpEntry(string Name, IReadOnlyList<string> Text);

/// <summary>An example.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Code">Lines to run.</param>
/// <param name="Text">Paragraphs about it.</param>
public sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Text);
