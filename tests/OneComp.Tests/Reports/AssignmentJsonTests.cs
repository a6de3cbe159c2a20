using System.Text.Json.Nodes;
using OneComp.Quantization;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

public sealed class AssignmentJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_row_of_the_plan_is_an_object_with_its_property_names()
    {
        var rows = SamplePlan.Rows(3, SamplePlan.Summary);
        var written = Write(rows)["Assignment"]!.AsArray();

        Assert.Equal(rows, written.Select(row => new LayerAssignment
        {
            Layer = (string)row!["Layer"]!,
            Block = (int)row["Block"]!,
            Module = (string)row["Module"]!,
            InFeatures = (int)row["InFeatures"]!,
            OutFeatures = (int)row["OutFeatures"]!,
            Quantizer = (string)row["Quantizer"]!,
            Bits = (double)row["Bits"]!,
            EffectiveBits = (double)row["EffectiveBits"]!,
            GroupSize = (int)row["GroupSize"]!,
            Error = (double)row["Error"]!,
            Plan = SamplePlan.Summary,
        }));
    }

    [Fact]
    public void A_cost_that_is_not_a_number_is_null()
    {
        var row = Write([SamplePlan.Row(-1, "lm_head", 16)])["Assignment"]![0]!.AsObject();

        Assert.True(row.ContainsKey("Error"));
        Assert.Null(row["Error"]);
    }

    [Fact]
    public void The_summary_has_the_plan_and_its_settings()
    {
        var summary = Write(SamplePlan.Rows(1, SamplePlan.Summary))["Summary"]!;

        Assert.Equal("/models/tiny-llama", (string?)summary["Model"]);
        Assert.Equal(3.15, (double)summary["EffectiveTargetBit"]!);
        Assert.Equal(5_000_000, (long)summary["CheckpointBytes"]!);
        Assert.Equal("""{"CalibrationPath":"calibration.txt","Seed":"0007","Formula":"=1+1"}""", summary["Settings"]!.ToJsonString(Relaxed));
    }

    [Fact]
    public void The_summary_of_rows_made_by_hand_has_their_averages_and_no_plan()
    {
        var summary = Write([SamplePlan.Row(0, "q", 3)])["Summary"]!;

        Assert.Null(summary["Strategy"]);
        Assert.Equal(3, (double)summary["Bits"]!);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private JsonNode Write(IEnumerable<LayerAssignment> rows)
    {
        string path = _folder.File("plan.json");
        AssignmentJson.Write(path, new AssignmentReport(rows));
        return JsonNode.Parse(File.ReadAllText(path))!;
    }
}
