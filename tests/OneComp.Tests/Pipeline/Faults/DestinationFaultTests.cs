using OneComp.Errors;
using OneComp.Pipeline;
using OneComp.Pipeline.Locking;
using OneComp.Progress;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Safetensors;

namespace OneComp.Tests.Pipeline.Faults;

/// <summary>A destination whose disk fills up or goes away. <c>bench -- faults --kind disk,share</c> does so on real file systems.</summary>
public sealed class DestinationFaultTests : IDisposable
{
    private const int WindowsDiskFull = unchecked((int)0x80070070); // told apart everywhere
    private readonly StoppedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_full_disk_is_one_error_that_names_the_destination_and_the_run_goes_on_afterwards()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var expected = _run.Run(options);

        var error = Assert.Throws<DestinationException>(() => QuantizationRun.Run(options, After(2, () => throw new IOException("No space left on device : 'run-state.json'", WindowsDiskFull))));

        Assert.Equal((DestinationError.DiskFull, "DestinationDiskFull", ErrorKind.ReadOrWrite), (error.Error, error.ErrorId, error.Kind));
        Assert.Contains(_run.Destination, error.Message, StringComparison.Ordinal);
        Assert.Contains("run-state.json", error.Message, StringComparison.Ordinal);
        Assert.Matches(@"\d+ bytes are free", error.Message);
        Assert.Equal(3, _run.State().Blocks);
        Assert.Contains("DestinationDiskFull", File.ReadAllText(Path.Combine(_run.RunFolder, "run.json")), StringComparison.Ordinal);
        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void A_lock_that_a_full_disk_has_no_room_for_is_not_a_matter_of_permissions()
    {
        var error = DestinationException.Of("q", "cannot be locked", "Change its permissions.", new IOException("full", WindowsDiskFull));
        Assert.Equal(DestinationError.DiskFull, error.Error);
        Assert.DoesNotContain("permissions", error.Message, StringComparison.Ordinal);
    }

    [LinuxFact] // on Windows a folder with open files stays
    public void A_destination_that_goes_away_is_named_and_the_run_goes_on_once_it_is_back()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var expected = _run.Run(options);
        var elsewhere = _run.File("elsewhere");

        var error = Assert.Throws<DestinationException>(() => QuantizationRun.Run(options, After(2, () => Directory.Move(_run.RunFolder, elsewhere))));

        Assert.Equal((DestinationError.Gone, _run.Destination), (error.Error, error.Subject));
        Directory.Move(elsewhere, _run.RunFolder);
        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void What_is_left_of_a_run_that_was_killed_when_its_result_had_its_name_is_swept_away()
    {
        var options = _run.Options(StoppedRun.Gptq);
        StoppedRun.Stop(options, e => e is ProgressEvent { Status: "saving" });
        Directory.Move(Path.Combine(_run.RunFolder, "checkpoint"), _run.Destination);

        var error = Assert.Throws<DestinationException>(() => QuantizationRun.Run(options with { Resume = true }));

        Assert.Equal(DestinationError.Exists, error.Error);
        Assert.Equal(["ids.safetensors", "model", "q"], _run.Entries);
    }

    [Fact]
    public void What_another_run_holds_is_not_swept_away()
    {
        var options = _run.Options(StoppedRun.Gptq);
        StoppedRun.Stop(options, e => e is ProgressEvent { Status: "saving" });
        Directory.Move(Path.Combine(_run.RunFolder, "checkpoint"), _run.Destination);
        using var other = DestinationLock.Take(_run.Destination, null);

        Assert.Throws<DestinationException>(() => QuantizationRun.Run(options with { Resume = true }));

        Assert.True(Directory.Exists(_run.RunFolder));
    }

    private static StoppedRun.Listener After(int block, Action harm) => new(e =>
    {
        if (e is FactEvent { Id: RunEventId.BlockFinished } fact && fact.Block == block)
        {
            harm();
        }
    });
}
