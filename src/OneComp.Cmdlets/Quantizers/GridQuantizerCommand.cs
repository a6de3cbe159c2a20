using System.Management.Automation;
using OneComp.Quantization.Grids;

namespace OneComp.Quantizers;

/// <summary>The parameters of quantizers that put weights on a grid for each group.</summary>
public abstract class GridQuantizerCommand : QuantizerCommand
{
    /// <summary>Bits of a code, 2 to 8.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public int WBits { get; set; } = 4;

    /// <summary>Weights of a row that share a scale; -1 for the whole row.</summary>
    [Parameter]
    public int GroupSize { get; set; } = 128;

    /// <summary>Shrink each group's range where that lowers its error.</summary>
    [Parameter]
    public SwitchParameter Mse { get; set; }

    /// <summary>Steps of the shrinking with -Mse.</summary>
    [Parameter]
    public int QGrid { get; set; } = 600;

    /// <summary>Exponent of the error that -Mse minimises.</summary>
    [Parameter]
    public double QNorm { get; set; } = 2.4;

    /// <summary>Fills these settings and the common ones in, checks all of them and writes the quantizer.</summary>
    private protected void Write(GridQuantizer quantizer) => base.Write(quantizer with
    {
        WBits = WBits,
        GroupSize = GroupSize,
        Mse = Mse,
        QGrid = QGrid,
        QNorm = QNorm,
    });
}
