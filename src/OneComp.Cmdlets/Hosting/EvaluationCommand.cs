using System.Management.Automation;
using OneComp.Calibration;
using OneComp.Completion;

namespace OneComp.Hosting;

/// <summary>The parameters of cmdlets that measure models, quantized or not, on a text.</summary>
public abstract class EvaluationCommand : ResultCommand
{
    /// <summary>Text (.txt, .jsonl, .jsonl.gz, .parquet), or token ids (.safetensors) with a window in each row.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Field or column of the text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string TextColumn { get; set; } = TextSource.DefaultTextColumn;

    /// <summary>Tensor with the token ids, where the file has several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TensorName { get; set; }

    /// <summary>Tokens of a window; 2048, or the model's context where that is shorter, when left out.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int? MaxLength { get; set; }

    /// <summary>Tokens from one window's start to the next; a whole window when left out.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Stride { get; set; }

    /// <summary>Where to compute: cpu, cuda, cuda:1; the first GPU, or the CPU where there is none, when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string? Device { get; set; }
}
