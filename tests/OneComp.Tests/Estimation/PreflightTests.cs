using OneComp.Errors;
using OneComp.Estimation;
using OneComp.Export;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Tests.Pipeline.Resuming;

namespace OneComp.Tests.Estimation;

/// <summary>Runs that cannot end well are refused before their long work, and no others. <c>bench -- faults --kind memory</c> does so in control groups.</summary>
public sealed class PreflightTests : IDisposable
{
    private const long Much = 1L << 40;
    private readonly StoppedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Too_little_memory_is_told_with_need_and_bound_and_leaves_nothing()
    {
        var error = Assert.Throws<RunException>(() => Run(Much, new AvailableMemory(-(1L << 40), 0, "the control group 'x'")));

        Assert.Equal((RunError.MemoryTooSmall, "RunMemoryTooSmall", ErrorKind.NotEnoughMemory), (error.Error, error.ErrorId, error.Kind));
        Assert.Matches(@"needs at least \d+(\.\d+)? GB", error.Message);
        Assert.Contains("the control group 'x'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["ids.safetensors", "model"], _run.Entries);
    }

    [Fact]
    public void Too_small_a_disk_is_told_with_need_and_what_is_free_and_leaves_nothing()
    {
        var error = Assert.Throws<DestinationException>(() => Run(1000, new AvailableMemory(Much, 0, "the machine")));

        Assert.Equal((DestinationError.DiskFull, _run.Destination), (error.Error, error.Subject));
        Assert.Matches(@"needs about \d{5,} bytes .*, and 1000 ", error.Message);
        Assert.Equal(["ids.safetensors", "model"], _run.Entries);
    }

    [Fact]
    public void What_is_enough_is_enough()
    {
        Run(Much, new AvailableMemory(Much, 0, "the machine"));
        Assert.True(Directory.Exists(_run.Destination));
    }

    [Fact]
    public void Swap_counts_before_a_run_is_refused() => Preflight.CheckMemory(least: 10, about: 10, new AvailableMemory(4, 6, "the machine"), own: 0, null);

    [Fact]
    public void A_forecast_that_does_not_fit_is_a_detail_not_a_refusal()
    {
        var told = new List<RunEvent>();
        Preflight.CheckMemory(least: 5, about: 20, new AvailableMemory(10, 0, "the machine"), own: 0, new StoppedRun.Listener(told.Add));
        Assert.IsType<VerboseEvent>(Assert.Single(told));
    }

    [Fact]
    public void A_run_that_goes_on_needs_no_room_for_what_is_there_already()
    {
        StoppedRun.StopAfter(_run.Options(StoppedRun.Gptq), 1);
        var there = new DirectoryInfo(Path.Combine(_run.RunFolder, "checkpoint")).EnumerateFiles().Sum(file => file.Length);
        Assert.True(there > 50_000, $"the run left {there} bytes");

        Run(50_000, new AvailableMemory(Much, 0, "the machine"), resume: true);

        Assert.True(Directory.Exists(_run.Destination));
    }

    private void Run(long free, AvailableMemory memory, bool resume = false)
    {
        var options = _run.Options(StoppedRun.Gptq) with { Resume = resume };
        var export = new ExportOptions { Model = options.Model, Destination = options.Destination };
        QuantizeAndExport.Run(Preflight.Of(options, export, _ => free, () => memory), export);
    }
}
