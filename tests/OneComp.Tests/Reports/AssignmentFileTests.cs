using OneComp.Errors;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

public sealed class AssignmentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plan.xlsx", "PK")]
    [InlineData("plan.XLSX", "PK")]
    [InlineData("plan.csv", "Layer,")]
    [InlineData("plan.json", "{")]
    public void The_extension_chooses_the_format(string name, string start)
    {
        AssignmentFile.Write(_folder.File(name), new AssignmentReport(SamplePlan.Rows(1)), force: false);

        Assert.StartsWith(start, File.ReadAllText(_folder.File(name)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan.xls")]
    [InlineData("plan")]
    public void Another_extension_is_an_error_and_nothing_is_written(string name)
    {
        var error = Assert.Throws<ReportException>(
            () => AssignmentFile.Write(_folder.File(name), new AssignmentReport(SamplePlan.Rows(1)), force: false));

        Assert.Equal(("ReportUnknownExtension", ErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
        Assert.Contains(".xlsx, .csv or .json", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_heatmap_is_a_png()
    {
        var error = Assert.Throws<ReportException>(
            () => Heatmap.Write(_folder.File("plan.jpg"), new AssignmentReport(SamplePlan.Rows(1)), force: false));

        Assert.Equal("ReportUnknownExtension", error.ErrorId);
    }
}
