using OneComp.Errors;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Safetensors;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Safetensors;

namespace OneComp.Tests.Pipeline.Faults;

/// <summary>A model that changes, is cut short or goes away while a run reads it. <c>bench -- faults --kind source</c> does so at random moments.</summary>
public sealed class SourceFaultTests : IDisposable
{
    private readonly StoppedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_file_that_changes_ends_the_run_by_its_name_and_what_was_done_before_stays_good()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var expected = _run.Run(options);
        var config = Path.Combine(_run.Source, "config.json");
        var (content, time) = (File.ReadAllBytes(config), File.GetLastWriteTimeUtc(config));

        var error = Assert.Throws<RunException>(() => QuantizationRun.Run(options, After(1, () => File.WriteAllText(config, "{}"))));

        Assert.Equal((RunError.SourceChanged, config), (error.Error, error.Subject));
        Assert.Equal(2, _run.State().Blocks); // the one that was finished as it changed, and the one before
        File.WriteAllBytes(config, content);
        File.SetLastWriteTimeUtc(config, time);
        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void A_file_that_is_added_does_not_end_the_run()
    {
        var options = _run.Options(StoppedRun.Gptq);
        QuantizationRun.Run(options, After(1, () => File.WriteAllText(Path.Combine(_run.Source, "notes.txt"), "new")));
        Assert.True(Directory.Exists(_run.Destination));
    }

    [LinuxFact] // on Windows nobody else can write to a file that is being read
    public void Weights_that_are_cut_short_are_told_as_changed_whatever_failed_first()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var weights = Path.Combine(_run.Source, "model.safetensors");

        var error = Assert.Throws<RunException>(() => QuantizationRun.Run(options, After(0, () =>
        {
            using var file = new FileStream(weights, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(file.Length / 2);
        })));

        Assert.Equal((RunError.SourceChanged, weights), (error.Error, error.Subject));
        Assert.True(error.InnerException is null or SafetensorsException { Error: SafetensorsError.ReadFailed }, $"{error.InnerException}");
    }

    [LinuxFact] // likewise
    public void A_folder_that_goes_away_is_named()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var elsewhere = _run.Source + "-elsewhere";

        var error = Assert.Throws<RunException>(() => QuantizationRun.Run(options, After(1, () => Directory.Move(_run.Source, elsewhere))));

        Assert.Equal((RunError.SourceGone, ErrorKind.ReadOrWrite, _run.Source), (error.Error, error.Kind, error.Subject));
        Directory.Move(elsewhere, _run.Source);
        Assert.NotEmpty(_run.Run(options with { Resume = true }));
    }

    private static StoppedRun.Listener After(int block, Action harm) => new(e =>
    {
        if (e is FactEvent { Id: RunEventId.BlockFinished } fact && fact.Block == block)
        {
            harm();
        }
    });
}
