using ScottPlot;

namespace OneComp.Reports;

/// <summary>Colours of bit widths: dark for few, bright for many; grey where a layer is not quantized.</summary>
internal sealed class BitColors
{
    public static readonly Color Kept = Color.FromHex("#D0D0D0");

    private const int MostWidthsOnScale = 12;

    public BitColors(AssignmentReport report)
    {
        var bits = report.Rows.Where(AssignmentReport.IsQuantized).Select(row => row.Bits).Where(double.IsFinite).Distinct().Order().ToList();
        Widths = bits.Count <= MostWidthsOnScale ? bits : [bits[0], bits[bits.Count / 2], bits[^1]];
        double low = bits.FirstOrDefault(1), high = bits.LastOrDefault(1);
        // One width alone gets a range around it: a colour of its own and a scale that can be drawn.
        Range = high > low ? new ScottPlot.Range(low, high) : new ScottPlot.Range(low - 1, high + 1);
    }

    public static IColormap Map { get; } = new ScottPlot.Colormaps.Viridis();

    /// <summary>From the fewest bits to the most.</summary>
    public ScottPlot.Range Range { get; }

    /// <summary>The widths to write at the scale.</summary>
    public IReadOnlyList<double> Widths { get; }

    public Color Of(Quantization.LayerAssignment row) => AssignmentReport.IsQuantized(row) ? Map.GetColor(row.Bits, Range) : Kept;

    /// <summary>Black or white, whichever reads better on the colour (relative luminance by ITU-R BT.709).</summary>
    public static Color TextOn(Color color) => 0.2126 * color.R + 0.7152 * color.G + 0.0722 * color.B > 140 ? Colors.Black : Colors.White;
}
