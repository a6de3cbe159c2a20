using System.Management.Automation;

namespace OneComp.Hosting;

/// <summary>The parameters of cmdlets that read objects from files.</summary>
public abstract class ImportCommand : OneCompCmdlet
{
    /// <summary>The parameter set for names with wildcards, the default.</summary>
    protected const string PathSet = "Path";

    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Files to read; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files to read, with names that are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Full paths of the files; a path at fault is written as an error and left out.</summary>
    private protected IReadOnlyList<string> Files => ParameterSetName == LiteralPathSet ? ResolvePaths(LiteralPath, literal: true) : ResolvePaths(Path);
}
