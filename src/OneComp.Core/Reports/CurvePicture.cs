using OneComp.Hub;
using ScottPlot;

namespace OneComp.Reports;

/// <summary>Draws a curve as a PNG: effective bits across, cost up on a logarithmic scale, each point with its target.</summary>
public static class CurvePicture
{
    private const int Width = 720;
    private const int Height = 480;

    /// <summary>The picture's bytes.</summary>
    /// <param name="curve">The plans.</param>
    public static byte[] ToPng(AssignmentCurve curve)
    {
        HeatmapFont.Register();
        using var plot = new Plot();
        plot.Font.Set(HeatmapFont.Name);
        var points = curve.Points.Where(point => point.TotalError > 0).ToList();
        var scatter = plot.Add.Scatter(points.Select(point => point.EffectiveBits).ToArray(), points.Select(point => Math.Log10(point.TotalError)).ToArray());
        scatter.MarkerSize = 8;
        foreach (var point in points)
        {
            var label = plot.Add.Text(HeatmapTitle.Bits(point.TargetBit), point.EffectiveBits, Math.Log10(point.TotalError));
            label.LabelFontName = HeatmapFont.Name;
            label.LabelAlignment = Alignment.LowerLeft;
            label.OffsetX = 4;
        }

        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            LabelFormatter = exponent => Math.Pow(10, exponent).ToString("0.0e+00", System.Globalization.CultureInfo.InvariantCulture),
        };
        var (font, title) = HeatmapFont.For(curve.Model is { } model ? ModelReference.DisplayName(model) + ": cost by bits per weight" : "Cost by bits per weight");
        plot.Title(title, HeatmapTitle.FontSize);
        plot.Axes.Title.Label.FontName = font;
        plot.XLabel("effective bits per weight");
        plot.YLabel("total cost");
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }
}
