using System.Management.Automation;
using OneComp.Export;

namespace OneComp.Hosting;

/// <summary>The parameters of cmdlets that quantize a model into a new folder; the folder's own differs in whether it may be left out.</summary>
public abstract class RunCommand : CalibrationCommand
{
    /// <summary>Calibration windows; 128 when left out, or what the module's own text gives.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? NumCalibrationSamples { get; set; }

    /// <summary>Tokens of a window; 2048, or the model's context where that is shorter, when left out.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int? MaxLength { get; set; }

    /// <summary>Form of the result, as Export-OneCompModel writes it. A plan that the form cannot hold is refused before the long work.</summary>
    [Parameter]
    public ExportFormat Format { get; set; } = ExportFormat.Gptq;

    /// <summary>Replace what is at the destination, and reports beside it. Without -Resume an unfinished run there is removed.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Go on with the unfinished run at the destination; where there is none, begin one. What decides the result must be as it was begun with.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>File that gets a line of JSON for each event of the quantization, after those that are there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Full path of the log file; null for none.</summary>
    private protected string? ResolvedLogPath => LogPath is { } path ? ResolveDestination(path) : null;
}
