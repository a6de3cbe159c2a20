using System.Management.Automation;
using OneComp.Completion;
using OneComp.Hosting;
using OneComp.Quantization;

namespace OneComp.Quantizers;

/// <summary>The parameters that every quantizer has.</summary>
public abstract class QuantizerCommand : OneCompCmdlet
{
    private const string DefaultExclude = "lm_head";

    /// <summary>Name shown in plans and reports; the settings in short when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Quantize only the first so many of the selected layers.</summary>
    [Parameter]
    public int? NumLayers { get; set; }

    /// <summary>Full names of the layers to take; all when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayerNameCompleter))]
    public string[] IncludeLayerName { get; set; } = [];

    /// <summary>Parts of layer names to take, any of them; all when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayerKeywordCompleter))]
    public string[] IncludeLayerKeyword { get; set; } = [];

    /// <summary>Full names of layers to leave as they are; lm_head when left out.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(LayerNameCompleter))]
    public string[] ExcludeLayerName { get; set; } = [DefaultExclude];

    /// <summary>Parts of names of layers to leave as they are.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayerKeywordCompleter))]
    public string[] ExcludeLayerKeyword { get; set; } = [];

    /// <summary>Types of layers to take: Linear.</summary>
    [Parameter]
    public string[] TargetLayerType { get; set; } = [LayerSelection.LinearType];

    /// <summary>Measure weight and output errors of each layer; the rows of the result hold them.</summary>
    [Parameter]
    public SwitchParameter CalcQuantError { get; set; }

    /// <summary>Precision in which Hessians are factorised.</summary>
    [Parameter]
    public HessianType HessianDType { get; set; } = HessianType.Float32;

    /// <summary>Fills the common settings in, checks all of them and writes the quantizer.</summary>
    /// <param name="quantizer">With the settings of its method.</param>
    private protected void Write(Quantizer quantizer)
    {
        var complete = quantizer with
        {
            CalcQuantError = CalcQuantError,
            HessianType = HessianDType,
            Selection = new LayerSelection
            {
                NumLayers = NumLayers,
                IncludeLayerNames = IncludeLayerName,
                IncludeLayerKeywords = IncludeLayerKeyword,
                ExcludeLayerNames = ExcludeLayerName,
                ExcludeLayerKeywords = ExcludeLayerKeyword,
                TargetLayerTypes = TargetLayerType,
            },
        };
        if (Name is { } name)
        {
            complete = complete with { Name = name };
        }

        Checked(complete);
        WriteObject(complete);
    }

    private void Checked(Quantizer quantizer)
    {
        try
        {
            quantizer.Validate();
        }
        catch (QuantizerOptionsException exception)
        {
            ThrowTerminatingError(ErrorRecords.From(exception, quantizer));
        }
    }
}
