using System.Globalization;
using OneComp.Quantization;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

public sealed class AssignmentCsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_reads_back_number_for_number_in_a_culture_with_decimal_commas()
    {
        var rows = SamplePlan.Rows(3, SamplePlan.Summary);
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        string[] lines;
        try
        {
            lines = Write(rows);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        Assert.Equal("Layer,Block,Module,InFeatures,OutFeatures,Parameters,Quantizer,Bits,EffectiveBits,GroupSize,Error,TargetBit,Costs", lines[0]);
        Assert.Equal(rows, lines[1..].Select(line => Parse(line.Split(','))));
    }

    [Fact]
    public void A_cost_that_is_not_a_number_is_an_empty_field()
    {
        string line = Write([SamplePlan.Row(-1, "lm_head", 16)])[1];

        Assert.Equal("lm_head,-1,lm_head,256,128,32768,,16,16,128,,,", line);
    }

    [Fact]
    public void A_text_with_commas_and_quotes_is_quoted()
    {
        string line = Write([SamplePlan.Row(-1, "a,\"b\"", 16)])[1];

        Assert.StartsWith("\"a,\"\"b\"\"\",-1,\"a,\"\"b\"\"\",256", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_UTF8_without_a_mark_with_lines_that_end_in_carriage_return_and_line_feed()
    {
        string path = _folder.File("plan.csv");
        AssignmentCsv.Write(path, new AssignmentReport([SamplePlan.Row(-1, "層", 16)]));
        byte[] bytes = File.ReadAllBytes(path);

        Assert.Equal((byte)'L', bytes[0]);
        Assert.Contains("\r\n層,-1", System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    private string[] Write(IEnumerable<LayerAssignment> rows)
    {
        string path = _folder.File("plan.csv");
        AssignmentCsv.Write(path, new AssignmentReport(rows));
        return File.ReadAllLines(path);
    }

    private static LayerAssignment Parse(string[] fields)
    {
        var row = new LayerAssignment
        {
            Layer = fields[0],
            Block = Integer(fields[1]),
            Module = fields[2],
            InFeatures = Integer(fields[3]),
            OutFeatures = Integer(fields[4]),
            Quantizer = fields[6],
            Bits = Number(fields[7]),
            EffectiveBits = Number(fields[8]),
            GroupSize = Integer(fields[9]),
            Error = Number(fields[10]),
            Plan = SamplePlan.Summary,
        };
        Assert.Equal(row.Parameters, Integer(fields[5]));
        return row;
    }

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
