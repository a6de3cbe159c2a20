using System.Globalization;
using OneComp.Hub;

namespace OneComp.Reports;

/// <summary>The two lines above a picture.</summary>
internal static class HeatmapTitle
{
    public const float FontSize = 14;

    private const double CharacterWidth = 8.4; // of DejaVu Sans at FontSize, on average

    /// <summary>
    /// Model and weighted averages: <c>tiny-llama: 3.02 effective bits per weight</c> / <c>2.91 bits without scales and zero
    /// points, 42 layers</c>.
    /// </summary>
    /// <param name="report">The plan.</param>
    /// <param name="width">Pixels that the lines may take; a longer model name is cut.</param>
    public static string Of(AssignmentReport report, int width)
    {
        int room = (int)(width / CharacterWidth) - ": 3.02 effective bits per weight".Length;
        string model = report.Model is null ? "" : $"{Shorten(report.Model, room)}: ";
        int kept = report.Rows.Count - report.QuantizedLayers;
        string layers = report.QuantizedLayers == 0 ? "no layer quantized" : Count(report.QuantizedLayers);
        string rest = report.QuantizedLayers > 0 && kept > 0 ? string.Create(CultureInfo.InvariantCulture, $", {kept} kept") : "";
        return $"{model}{Number(report.AverageEffectiveBits)} effective bits per weight\n"
            + $"{Number(report.AverageBits)} bits without scales and zero points, {layers}{rest}";
    }

    /// <summary>Bits as they stand in a cell: <c>3</c>, <c>2.5</c>.</summary>
    public static string Bits(double bits) => bits.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Shorten(string folder, int room)
    {
        string name = ModelReference.DisplayName(folder);
        return name.Length <= room ? name : $"{name[..(room - 3)]}...";
    }

    private static string Count(int layers) =>
        layers == 1 ? "1 layer" : string.Create(CultureInfo.InvariantCulture, $"{layers} layers");
}
