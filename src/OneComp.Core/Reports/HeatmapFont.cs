using System.Resources;
using ScottPlot;
using SkiaSharp;

namespace OneComp.Reports;

/// <summary>
/// The font of the pictures. It is built in (DejaVu Sans, printable ASCII), because a server may have no font at all, and SkiaSharp then draws no
/// text and says nothing; and so the same plan gives the same picture on every machine.
/// </summary>
internal static class HeatmapFont
{
    /// <summary>Name under which ScottPlot finds the built-in font.</summary>
    public const string Name = "OneComp built-in";

    private static readonly Lazy<SKTypeface> Typeface = new(Load);

    /// <summary>Makes <see cref="Name"/> known to ScottPlot.</summary>
    public static void Register() => _ = Typeface.Value;

    /// <summary>
    /// The font that can draw a text: the built-in one, or for other scripts a font of the system. Where that lacks a character too, it becomes a question mark.
    /// </summary>
    public static (string Font, string Text) For(string text)
    {
        Register();
        if (text.All(IsBuiltIn))
        {
            return (Name, text);
        }

        string system = Fonts.Detect(text);
        using var typeface = SKTypeface.FromFamilyName(system);
        return typeface is not null && typeface.ContainsGlyphs(text.Replace("\n", "", StringComparison.Ordinal))
            ? (system, text)
            : (Name, string.Concat(text.Select(character => IsBuiltIn(character) ? character : '?')));
    }

    private static bool IsBuiltIn(char character) => character is (>= ' ' and <= '~') or '\n';

    private static SKTypeface Load()
    {
        var resources = new ResourceManager("OneComp.Reports.Fonts.HeatmapFont", typeof(HeatmapFont).Assembly);
        using var bytes = SKData.CreateCopy((byte[])resources.GetObject("DejaVuSans", System.Globalization.CultureInfo.InvariantCulture)!);
        var typeface = SKTypeface.FromData(bytes);
        Fonts.FontResolvers.Insert(0, new Resolver(typeface));
        return typeface;
    }

    private sealed class Resolver(SKTypeface typeface) : IFontResolver
    {
        // ScottPlot takes and caches what it gets, and asks the next resolver on null.
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Name ? typeface : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? typeface : null;
    }
}
