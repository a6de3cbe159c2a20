using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>examples/nightly-batch.ps1, night after night.</summary>
public sealed class NightlyBatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public NightlyBatchTests()
    {
        SmallModels.Write(_folder.File("models/good"));
        Directory.CreateDirectory(_folder.File("models/no-model"));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_model_that_fails_stops_no_other_and_the_next_night_leaves_what_is_unchanged_alone()
    {
        Directory.CreateDirectory(_folder.File("models/bad"));
        File.WriteAllText(_folder.File("models/bad/config.json"), "{}");

        Assert.Equal(2, Night());
        var result = Assert.Single(Directory.GetDirectories(_folder.File("out/good")));
        Assert.True(File.Exists(Path.Combine(result, "model.safetensors")));
        Assert.True(File.Exists(result + ".xlsx"));
        Assert.True(File.Exists(result + ".jsonl"));
        var report = LastReport();
        Assert.Equal(2, report.Count);
        Assert.StartsWith("bad,failed,,,,", report[0], StringComparison.Ordinal);
        Assert.Contains("ModelConfigFieldMissing", report[0], StringComparison.Ordinal);
        Assert.Matches(@"^good,done,[\d.]+,\d+,[\d.]+,$", report[1]);

        Directory.Delete(_folder.File("models/bad"), recursive: true);
        NextSecond();
        Assert.Equal(0, Night());
        Assert.Single(Directory.GetDirectories(_folder.File("out/good")));
        Assert.StartsWith("good,unchanged,", Assert.Single(LastReport()), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_newest_results_and_reports_are_kept_and_nothing_else_is_touched()
    {
        Directory.CreateDirectory(_folder.File("out/good/mine"));
        Directory.CreateDirectory(_folder.File("out/good/20260101-013000"));
        File.WriteAllText(_folder.File("out/good/20260101-013000.xlsx"), "");
        File.WriteAllText(_folder.File("out/report-20260101-013000.csv"), "");
        File.SetLastWriteTime(_folder.File("out/report-20260101-013000.csv"), DateTime.Now.AddDays(-31));
        File.WriteAllText(_folder.File("out/notes.csv"), "");
        File.SetLastWriteTime(_folder.File("out/notes.csv"), DateTime.Now.AddDays(-400));

        Assert.Equal(0, Night("-Keep 1 -Force"));

        Assert.Equal(4, Directory.GetFileSystemEntries(_folder.File("out/good")).Length); // mine, the new result, its workbook and its log
        Assert.False(Directory.Exists(_folder.File("out/good/20260101-013000")));
        Assert.True(Directory.Exists(_folder.File("out/good/mine")));
        Assert.Equal(2, Directory.GetFiles(_folder.File("out"), "*.csv").Length);
    }

    [Fact]
    public void A_run_that_was_cut_off_keeps_its_date_and_is_begun_anew_where_it_cannot_go_on()
    {
        Directory.CreateDirectory(_folder.File("out/good/.20260101-013000.run/checkpoint"));
        File.WriteAllText(_folder.File("out/good/.20260101-013000.run/run-state.json"), "{}");

        Assert.Equal(0, Night());

        Assert.Equal("20260101-013000", Path.GetFileName(Assert.Single(Directory.GetDirectories(_folder.File("out/good")))));
        Assert.StartsWith("good,done,", Assert.Single(LastReport()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_models_that_is_not_there_is_bad_input()
    {
        Directory.Delete(_folder.File("models"), recursive: true);
        Assert.Equal(2, Night());
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    private int Night(string more = "")
    {
        var result = _session.Invoke(
            $"param($Models, $To) & '{Path.Combine(Repository.Root, "examples", "nightly-batch.ps1")}' -Models $Models -Destination $To -NumCalibrationSamples 2 -MaxLength 32 -Device cpu {more}",
            new { Models = _folder.File("models"), To = _folder.File("out") });
        Assert.Null(result.Failure);
        return _session.Invoke("$LASTEXITCODE").Single<int>();
    }

    private List<string> LastReport() =>
        [.. File.ReadAllLines(Directory.GetFiles(_folder.File("out"), "report-*.csv").Order(StringComparer.Ordinal).Last()).Skip(1)];

    // Results are named by the second.
    private static void NextSecond() => Thread.Sleep(TimeSpan.FromMilliseconds(1005 - DateTime.Now.Millisecond));
}
