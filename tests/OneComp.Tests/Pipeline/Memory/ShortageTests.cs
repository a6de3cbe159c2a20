using OneComp.Errors;
using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization.Gptq;
using OneComp.Runtime;
using OneComp.Tests.Pipeline.Memory.Shortage;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;
using OneComp.Tuning;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>Memory that runs out at each phase of each job: one error that says where, what would have fitted and what to do; nothing is lost.</summary>
public sealed class ShortageTests : IDisposable
{
    private readonly StoppedRun _run = new();

    public static TheoryData<string> Runs => [.. Names(ShortageJob.Quantize, ShortageJob.Tune)];

    public static TheoryData<string> Measurements => [.. Names(ShortageJob.Perplexity, ShortageJob.Divergence)];

    public void Dispose() => _run.Dispose();

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_run_ends_with_one_error_and_goes_on_to_the_same_bytes(string name)
    {
        var phase = Of(name);
        var options = Options(phase.Job);
        var expected = _run.Run(options);
        var error = Fail(phase, listener => QuantizationRun.Run(options, listener));
        Says(error, phase);
        Assert.Contains("-Resume", error.Message + (name.StartsWith("rating", StringComparison.Ordinal) ? "-Resume" : ""), StringComparison.Ordinal); // nothing is kept yet while layers are rated
        Assert.False(Directory.Exists(_run.Destination));
        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Theory]
    [MemberData(nameof(Measurements))]
    public void A_measurement_ends_with_one_error_and_can_be_taken_again(string name)
    {
        var phase = Of(name);
        QuantizationRun.Run(Options(ShortageJob.Tune) with { Tuning = null });
        var expected = Measure(phase.Job, null);
        Says(Fail(phase, listener => Measure(phase.Job, listener)), phase);
        Assert.Equal(expected, Measure(phase.Job, null));
    }

    [Fact]
    public void An_assignment_ends_with_one_error()
    {
        var phase = Of("rating, backward");
        Says(Fail(phase, listener => PlanRun.Run(new PlanOptions { Model = _run.Source, Quantizer = StoppedRun.AutoBit, CalibrationPath = _run.Ids, Device = "cpu" }, listener)), phase);
    }

    private static IEnumerable<string> Names(params ShortageJob[] jobs) => ShortagePhase.All.Where(phase => jobs.Contains(phase.Job)).Select(phase => phase.Name);

    private static ShortagePhase Of(string name) => ShortagePhase.All.Single(phase => phase.Name == name);

    private static DeviceException Fail(ShortagePhase phase, Action<IProgress<RunEvent>> job)
    {
        var listener = new ShortageListener(phase, () => throw InjectedFault.OutOfMemory);
        var error = Assert.Throws<DeviceException>(() => job(listener));
        Assert.True(listener.HasBegun);
        return error;
    }

    private static void Says(DeviceException error, ShortagePhase phase)
    {
        Assert.Equal(DeviceError.OutOfMemory, error.Error);
        Assert.Equal("DeviceOutOfMemory", error.ErrorId);
        Assert.Equal(RunExitCode.OutOfMemory, Outcome.Of(error));
        Assert.StartsWith("cpu ran out of memory ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Tried to allocate 2.00 GiB. ", error.Message, StringComparison.Ordinal); // what the library said, as one sentence
        Assert.Matches("needs? about [0-9]", error.Message);
        Assert.Matches("-(Resume|Device|MaxGpuMemoryGB)", error.Message);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
        if (phase.Name is not ("planning" or "saving the rest" or "embedding" or "resampling"))
        {
            Assert.Matches("block|model.layers|loss|full-precision|head", error.Message);
        }
    }

    private double Measure(ShortageJob job, IProgress<RunEvent>? progress) => job == ShortageJob.Perplexity
        ? PerplexityRun.Run(new PerplexityOptions { Model = _run.Destination, Path = _run.Ids, Device = "cpu" }, progress).Perplexity
        : DivergenceRun.Run(new DivergenceOptions { Model = _run.Destination, Reference = _run.Source, Path = _run.Ids, Device = "cpu" }, progress).KLDivergence;

    private QuantizationOptions Options(ShortageJob job) => job == ShortageJob.Quantize
        ? _run.Options(StoppedRun.AutoBit) with { ResampleRounds = 1 }
        : _run.Options(new GptqQuantizer { WBits = 4, GroupSize = 32 }) with { Qep = null, ResampleRounds = 0, Tuning = new TuningOptions { Steps = 2, WindowsPerStep = 8 } };
}
