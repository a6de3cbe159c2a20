using System.Management.Automation;
using OneComp.Completion;

namespace OneComp.Hosting;

/// <summary>The parameters of cmdlets that calibrate on a text: the text, a seed and devices.</summary>
public abstract class CalibrationCommand : ModelCmdlet
{
    /// <summary>
    /// Calibration text (.txt, .jsonl, .jsonl.gz, .parquet) or token ids (.safetensors); the text that comes with the module when
    /// left out.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CalibrationPath { get; set; }

    /// <summary>Tensor with the token ids, where a .safetensors file has several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TensorName { get; set; }

    /// <summary>Seed of whatever is drawn at random.</summary>
    [Parameter]
    public int Seed { get; set; }

    /// <summary>
    /// Where to compute: cpu, cuda, cuda:1; the first GPU, or the CPU where there is none, when left out. Several GPUs (cuda:0,cuda:1) share a quantization;
    /// what is not shared, rating layers among it, runs on the first.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string[]? Device { get; set; }

    /// <summary>
    /// Most memory of each GPU to take, in GB (1e9 bytes); what there is when left out. Batches are made smaller for it and states kept in main memory; a limit
    /// that the largest layer does not fit into is refused with what would fit.
    /// </summary>
    [Parameter]
    [ValidateRange(0.1, 1e6)]
    public double? MaxGpuMemoryGB { get; set; }

    /// <summary>The devices as Core takes them; null for the default.</summary>
    private protected string? Devices => Device is null ? null : string.Join(',', Device);

    /// <summary>Full path of the calibration file; null for the default.</summary>
    private protected string? ResolvedCalibrationPath => CalibrationPath is { } path ? ResolvePath(path) : null;
}
