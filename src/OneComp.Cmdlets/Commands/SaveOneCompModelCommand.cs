using System.Globalization;
using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Hub;

namespace OneComp.Commands;

/// <summary>Brings a model from the Hugging Face hub into a folder or the local cache. A download that broke goes on where it stopped.</summary>
/// <example><code>Save-OneCompModel Qwen/Qwen3-0.6B -Destination ./Qwen3-0.6B</code></example>
/// <example><code>Save-OneCompModel Qwen/Qwen3-0.6B -CacheOnly | Measure-OneCompPerplexity -Path ./text.txt</code></example>
[Cmdlet(VerbsData.Save, "OneCompModel", SupportsShouldProcess = true, DefaultParameterSetName = FolderSet)]
[OutputType(typeof(SavedModel))]
public sealed class SaveOneCompModelCommand : OneCompCmdlet
{
    private const string FolderSet = "Folder";
    private const string CacheSet = "Cache";

    /// <summary>The model's id: org/name, or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Id { get; set; } = "";

    /// <summary>Folder for the files. What is there already and right stays.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>Keep the model in the Hugging Face cache, where -Model and other tools find it by its id.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CacheSet)]
    public SwitchParameter CacheOnly { get; set; }

    /// <summary>Branch, tag or commit; main when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>
    /// Files to fetch, as patterns of their whole paths; settings, tokenizer, license and safetensors weights when left out.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Include { get; set; } = [];

    /// <summary>Files to leave out, as patterns of their whole paths.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>Access token, as text or secure string; HF_TOKEN or the token file when left out.</summary>
    [Parameter]
    [ValidateNotNull]
    public HubToken? Token { get; set; }

    /// <summary>Files fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int MaxParallel { get; set; } = 4;

    /// <summary>Fetch again what is in the cache, or replace files of the destination that differ.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (options, settings) = Run((_, _) => (Options(), Settings()), Id);
        var place = options.Destination ?? settings.CacheFolder;
        if (ShouldProcess(place, string.Create(CultureInfo.InvariantCulture, $"Download {options.Id} from {settings.Endpoint.Host}"))
            && TryRun((progress, token) => HubDownload.Run(options, settings, progress, token), Id, out var saved))
        {
            WriteObject(saved);
        }
    }

    private HubDownloadOptions Options() => new()
    {
        Id = HubModelId.Parse(Id, Revision),
        Destination = CacheOnly ? null : ResolveDestination(Destination),
        Include = Include,
        Exclude = Exclude,
        Force = Force,
    };

    private HubSettings Settings()
    {
        var settings = HubSettings.FromEnvironment();
        return settings with { MaxParallel = MaxParallel, Token = Token ?? settings.Token };
    }
}
