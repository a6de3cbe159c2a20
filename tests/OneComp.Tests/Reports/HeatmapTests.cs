using System.Globalization;
using OneComp.Reports;
using SkiaSharp;

namespace OneComp.Tests.Reports;

public sealed class HeatmapTests
{
    private static readonly SKColor White = SKColors.White;

    [Theory]
    [InlineData(6)]
    [InlineData(32)]
    [InlineData(126)]
    public void A_picture_is_a_png_of_the_size_that_its_blocks_need(int blocks)
    {
        var report = new AssignmentReport(SamplePlan.Rows(blocks));
        var layout = LayoutOf(report);

        byte[] png = Heatmap.ToPng(report);

        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], png[..8]);
        using var bitmap = SKBitmap.Decode(png);
        Assert.Equal((layout.Width, layout.Height), (bitmap.Width, bitmap.Height));
        Assert.InRange(layout.Height, 20 * blocks, 28 * blocks + 150);
        Assert.True(layout.TextSize >= 10, $"text of {layout.TextSize} pixels");
    }

    [Fact]
    public void A_huge_plan_keeps_the_picture_within_its_cap()
    {
        var names = Enumerable.Range(0, 3000).Select(index => index.ToString(CultureInfo.InvariantCulture)).ToList();

        var layout = HeatmapLayout.Of(names, names);

        Assert.InRange(layout.Width, 7000, 8600);
        Assert.InRange(layout.Height, 7000, 8600);
    }

    [Fact]
    public void Cells_have_one_colour_for_each_width_of_bits()
    {
        var report = new AssignmentReport(SamplePlan.Rows(6));
        using var picture = new Picture(report);

        var colorsOf = Enumerable.Range(0, 6).SelectMany(row => Enumerable.Range(0, 7).Select(column => (row, column)))
            .GroupBy(place => report.Grid[place.row, place.column]!.Bits, place => picture.Cell(place.row, place.column))
            .ToDictionary(group => group.Key, group => group.Distinct().ToList());

        Assert.Equal([2, 3, 4, 8], colorsOf.Keys.Order());
        Assert.All(colorsOf.Values, colors => Assert.Single(colors));
        Assert.Equal(4, colorsOf.Values.SelectMany(colors => colors).Distinct().Count());
        Assert.DoesNotContain(White, colorsOf.Values.SelectMany(colors => colors));
    }

    [Fact]
    public void A_place_without_a_layer_is_blank()
    {
        var rows = SamplePlan.Rows(3);
        rows.RemoveAt(1);
        using var picture = new Picture(new AssignmentReport(rows));

        int column = picture.Report.Grid.ColumnLabels.ToList().IndexOf("k_proj");
        Assert.Equal(White, picture.Cell(0, column));
        Assert.NotEqual(White, picture.Cell(1, column));
    }

    [Fact]
    public void A_layer_that_is_not_quantized_is_grey()
    {
        using var picture = new Picture(new AssignmentReport([.. SamplePlan.Rows(3), SamplePlan.Row(-1, "lm_head", 16)]));

        var color = picture.Cell(3, 7);
        Assert.True(color.Red == color.Green && color.Green == color.Blue && color != White, $"{color}");
    }

    [Fact]
    public void The_bits_are_written_in_the_cells_and_differ_as_the_numbers_do()
    {
        using var picture = new Picture(new AssignmentReport([SamplePlan.Row(0, "a", 2), SamplePlan.Row(0, "b", 3), SamplePlan.Row(1, "a", 3), SamplePlan.Row(1, "b", 2)]));

        Assert.NotEmpty(picture.InkOfCell(0, 0));
        Assert.NotEqual(picture.InkOfCell(0, 0), picture.InkOfCell(0, 1));
        Assert.Equal(picture.InkOfCell(0, 0).Count, picture.InkOfCell(1, 1).Count);
    }

    [Fact]
    public void The_title_and_the_labels_are_written()
    {
        using var picture = new Picture(new AssignmentReport(SamplePlan.Rows(6, SamplePlan.Summary)));

        Assert.True(picture.Ink(0, 0, picture.Layout.Width, HeatmapLayout.TitleHeight - 4) > 300, "title");
        Assert.True(picture.Ink(picture.Layout.Left, HeatmapLayout.TitleHeight, picture.Layout.Width, picture.Layout.Top) > 300, "module names");
        Assert.True(picture.Ink(0, picture.Layout.Top, picture.Layout.Left, picture.Layout.Height) > 100, "block numbers");
    }

    [Fact]
    public void The_title_has_the_model_and_the_weighted_averages()
    {
        var report = new AssignmentReport(
        [
            SamplePlan.Row(0, "q", 2, 300, 10, SamplePlan.Summary), SamplePlan.Row(0, "k", 8, 100, 10, SamplePlan.Summary),
            SamplePlan.Row(-1, "lm_head", 16, plan: SamplePlan.Summary),
        ]);

        Assert.Equal("tiny-llama: 3.65 effective bits per weight\n3.50 bits without scales and zero points, 2 layers, 1 kept", HeatmapTitle.Of(report, 600));
    }

    [Fact]
    public void A_model_name_too_long_for_the_picture_is_cut()
    {
        var plan = SamplePlan.Summary with { Model = "/models/" + new string('m', 80) };

        string first = HeatmapTitle.Of(new AssignmentReport([SamplePlan.Row(0, "q", 2, plan: plan)]), 480).Split('\n')[0];

        Assert.Contains("m...: 2.14 effective bits per weight", first, StringComparison.Ordinal);
        Assert.InRange(first.Length, 50, 60);
    }

    [Fact]
    public void Layers_without_blocks_are_bars_as_long_as_their_bits()
    {
        var report = new AssignmentReport([SamplePlan.Row(-1, "encoder.dense", 2), SamplePlan.Row(-1, "decoder.dense", 8)]);
        using var bitmap = SKBitmap.Decode(Heatmap.ToPng(report));

        // Bars are the coloured pixels; text is grey.
        int Bar(double row) => Enumerable.Range(0, bitmap.Width).Count(x => IsColored(bitmap.GetPixel(x, (int)(HeatmapLayout.TitleHeight + 8 + 28 * row))));
        int top = Bar(0.7), bottom = Bar(1.7);
        Assert.True(top > 50, $"{top} pixels");
        Assert.InRange(bottom / (double)top, 3.9, 4.1);
    }

    [Fact]
    public void The_font_is_the_built_in_one_with_all_of_ASCII_on_every_machine()
    {
        string ascii = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code));

        Assert.Equal((HeatmapFont.Name, ascii), HeatmapFont.For(ascii));
        var typeface = ScottPlot.Fonts.GetTypeface(HeatmapFont.Name, bold: false, italic: false);
        Assert.True(typeface.ContainsGlyphs(ascii));
        Assert.InRange(typeface.GlyphCount, 95, 150); // a font of the system has thousands
    }

    [Fact]
    public void A_character_that_no_font_here_can_draw_becomes_a_question_mark()
    {
        const string Unassigned = "\uE123"; // private use

        Assert.Equal((HeatmapFont.Name, "a?b"), HeatmapFont.For($"a{Unassigned}b"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_plan_of_one_width_is_drawn(double bits)
    {
        using var picture = new Picture(new AssignmentReport([SamplePlan.Row(0, "q", bits), SamplePlan.Row(1, "q", bits)]));

        Assert.NotEqual(White, picture.Cell(0, 0));
        Assert.Equal(picture.Cell(0, 0), picture.Cell(1, 0));
    }

    private static bool IsColored(SKColor pixel) => Math.Abs(pixel.Red - pixel.Blue) > 10;

    private static HeatmapLayout LayoutOf(AssignmentReport report) => HeatmapLayout.Of(report.Grid.RowLabels, report.Grid.ColumnLabels);

    private sealed class Picture(AssignmentReport report) : IDisposable
    {
        private readonly SKBitmap _bitmap = SKBitmap.Decode(Heatmap.ToPng(report));

        public AssignmentReport Report { get; } = report;

        public HeatmapLayout Layout { get; } = LayoutOf(report);

        /// <summary>Colour of a cell beside its number.</summary>
        public SKColor Cell(int row, int column) => _bitmap.GetPixel((int)X(column + 0.15), (int)Y(row + 0.8));

        /// <summary>Places of the pixels in a cell's middle that are not of its colour, from its corner.</summary>
        public List<(int X, int Y)> InkOfCell(int row, int column)
        {
            int left = (int)X(column + 0.3), right = (int)X(column + 0.7), top = (int)Y(row + 0.15), bottom = (int)Y(row + 0.85);
            return
            [
                .. from x in Enumerable.Range(left, right - left)
                   from y in Enumerable.Range(top, bottom - top)
                   where _bitmap.GetPixel(x, y) != Cell(row, column)
                   select (x - left, y - top),
            ];
        }

        /// <summary>Pixels that are not white.</summary>
        public int Ink(int left, int top, int right, int bottom) =>
            Enumerable.Range(left, right - left).Sum(x => Enumerable.Range(top, bottom - top).Count(y => _bitmap.GetPixel(x, y) != White));

        public void Dispose() => _bitmap.Dispose();

        private double X(double column) => Layout.Left + Layout.CellWidth * column;

        private double Y(double row) => Layout.Top + Layout.CellHeight * row;
    }
}
