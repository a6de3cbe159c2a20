namespace OneComp.Records;

/// <summary>Names of the files that describe an output folder.</summary>
internal static class FileNames
{
    /// <summary>What made the folder, so that it can be made again.</summary>
    public const string Record = "onecomp.json";

    /// <summary>How the run went that made the folder; it has times, so that it is not among the files of the record.</summary>
    public const string Report = "run.json";

    /// <summary>The model card, as model hubs name it.</summary>
    public const string Card = "README.md";

    /// <summary>The source's model card, kept beside ours.</summary>
    public const string SourceCard = "README.source.md";
}
