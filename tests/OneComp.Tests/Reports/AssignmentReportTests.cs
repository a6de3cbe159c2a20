using OneComp.Reports;

namespace OneComp.Tests.Reports;

public sealed class AssignmentReportTests
{
    [Fact]
    public void Averages_are_weighted_by_parameters_and_leave_out_what_is_not_quantized()
    {
        var report = new AssignmentReport(
        [
            SamplePlan.Row(0, "q", 2, 300, 10), // 3000 weights
            SamplePlan.Row(0, "k", 8, 100, 10), // 1000 weights
            SamplePlan.Row(-1, "lm_head", 16),
        ]);

        Assert.Equal((2 * 3000 + 8 * 1000) / 4000.0, report.AverageBits, 12);
        Assert.Equal(((2 + 18 / 128.0) * 3000 + (8 + 24 / 128.0) * 1000) / 4000.0, report.AverageEffectiveBits, 12);
    }

    [Fact]
    public void Where_nothing_is_quantized_the_averages_are_those_of_all_layers()
    {
        Assert.Equal(16, new AssignmentReport([SamplePlan.Row(0, "q", 16)]).AverageBits);
    }

    [Fact]
    public void No_rows_are_an_error()
    {
        Assert.Equal("ReportNoRows", Assert.Throws<ReportException>(() => new AssignmentReport([])).ErrorId);
    }

    [Fact]
    public void Rows_of_two_plans_are_an_error_that_names_both()
    {
        var other = SamplePlan.Summary with { Model = "/models/other", Strategy = "manual" };

        var error = Assert.Throws<ReportException>(
            () => new AssignmentReport([SamplePlan.Row(0, "q", 3, plan: SamplePlan.Summary), SamplePlan.Row(1, "q", 3, plan: other)]));

        Assert.Equal("ReportMixedPlans", error.ErrorId);
        Assert.Contains("'ilp' of '/models/tiny-llama' and 'manual' of '/models/other'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_rows_for_one_layer_are_an_error_that_names_it()
    {
        var error = Assert.Throws<ReportException>(() => new AssignmentReport([SamplePlan.Row(0, "q", 3), SamplePlan.Row(0, "q", 4)]));

        Assert.Equal(("ReportDuplicateLayer", "model.layers.0.q"), (error.ErrorId, error.Subject));
    }
}
