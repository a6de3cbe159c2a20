using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization.Gptq;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Teams;

/// <summary>Runs whose windows and layers several workers on the CPU share, held against one that worked alone.</summary>
public sealed class SharedRunTests : IDisposable
{
    private readonly StoppedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    public void A_run_gives_the_same_on_any_number_of_devices(int devices, bool propagates)
    {
        var options = Options() with { Qep = propagates ? new ErrorPropagation() : null };
        Agree(options, Quantize(options with { Destination = _run.File("alone") }), Quantize(options with { Device = Cpus(devices) }));
    }

    [Fact]
    public void Act_order_and_refining_give_the_same_on_two_devices()
    {
        var options = Options() with { Quantizer = StoppedRun.Gptq with { ActOrder = true, StaticGroups = true, Mse = true, RefineIters = 2 } };
        Agree(options, Quantize(options with { Destination = _run.File("alone") }), Quantize(options with { Device = Cpus(2) }));
    }

    [Fact]
    public void Windows_that_the_model_rewrites_are_the_same_on_two_devices()
    {
        var options = Options() with { ResampleRounds = 1 };
        Agree(options, Quantize(options with { Destination = _run.File("alone") }), Quantize(options with { Device = Cpus(2) }));
    }

    [Theory]
    [InlineData("cpu", "cpu,cpu")]
    [InlineData("cpu,cpu", "cpu")]
    [InlineData("cpu,cpu", "cpu,cpu,cpu")]
    public void A_stopped_run_goes_on_on_another_number_of_devices(string before, string after)
    {
        var options = Options();
        var alone = Quantize(options with { Destination = _run.File("alone") });
        StoppedRun.StopAfter(options with { Device = before }, block: 2);
        Agree(options, alone, Quantize(options with { Device = after, Resume = true }));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(7, true)]
    [InlineData(11, true)]
    [InlineData(23, true)]
    [InlineData(1, false)]
    [InlineData(5, false)]
    public void The_work_of_a_device_that_fails_is_done_again_elsewhere(int after, bool propagates)
    {
        var options = Options() with { Qep = propagates ? new ErrorPropagation() : null };
        var alone = Quantize(options with { Destination = _run.File("alone") });
        var warnings = new List<string>();
        var done = Quantize(options with { Device = Cpus(2), BeforeWork = FailingAt("cpu#2", after) }, warnings);
        Agree(options, alone, done);
        var warning = Assert.Single(warnings, message => message.Contains("cpu#2", StringComparison.Ordinal));
        Assert.Contains("injected", warning, StringComparison.Ordinal);
        Assert.Contains("done again on cpu#1", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_devices_all_fail_names_one_and_can_go_on()
    {
        var options = Options();
        var alone = Quantize(options with { Destination = _run.File("alone") });
        var error = Assert.Throws<DeviceException>(() => QuantizationRun.Run(options with { Device = Cpus(2), BeforeWork = FailingAt(null, 20) }));
        Assert.Equal(DeviceError.Failed, error.Error);
        Assert.Contains("cpu#", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Resume", error.Message, StringComparison.Ordinal);
        Agree(options, alone, Quantize(options with { Resume = true }));
    }

    [Fact]
    public void A_fault_of_the_numbers_is_no_fault_of_a_device()
    {
        var options = Options() with { Device = Cpus(2), BeforeWork = _ => throw new InvalidOperationException("a bug") };
        Assert.Equal("a bug", Assert.Throws<InvalidOperationException>(() => QuantizationRun.Run(options)).Message);
    }

    [Fact]
    public void A_stop_ends_a_shared_run()
    {
        StoppedRun.StopAfter(Options() with { Device = Cpus(3) }, block: 1);
        Assert.InRange(_run.State().Blocks, 2, SmallModel.Blocks - 1); // the event comes from the thread that saves; a block or two may be on their way to it
    }

    private static string Cpus(int count) => string.Join(',', Enumerable.Repeat("cpu", count));

    /// <summary>Fails a worker, or whichever comes first and then the others, at so many shares of work.</summary>
    private static Action<DeviceWorker> FailingAt(string? name, int share)
    {
        var begun = 0;
        return worker =>
        {
            if ((name is null || worker.Name == name) && Interlocked.Increment(ref begun) > share)
            {
                throw InjectedFault.OfDevice;
            }
        };
    }

    private QuantizationOptions Options() => _run.Options(StoppedRun.Gptq) with { Quantizer = new GptqQuantizer { WBits = 4, GroupSize = 32, CalcQuantError = true }, ResampleRounds = 0 };

    private static QuantizationResult Quantize(QuantizationOptions options, List<string>? warnings = null) => QuantizationRun.Run(options, new StoppedRun.Listener(e =>
    {
        if (e is WarningEvent warning)
        {
            lock (options)
            {
                warnings?.Add(warning.Message);
            }
        }
    }));

    /// <summary>All weights the same: on the CPU sums do not depend on the number of devices.</summary>
    private static void Agree(QuantizationOptions options, QuantizationResult expected, QuantizationResult actual)
    {
        using var source = ModelFolder.OpenSource(options.Model);
        using var first = ModelFolder.Open(expected.Destination);
        using var second = ModelFolder.Open(actual.Destination);
        foreach (var layer in source.Topology.Layers.Where(layer => layer.Block >= 0))
        {
            using var scope = NewDisposeScope();
            var (one, two) = (first.ReadWeight(layer), second.ReadWeight(layer));
            Assert.True(one.equal(two).all().item<bool>(), $"{layer.Name} differs by {(one - two).abs().max().item<float>()}");
        }

        Assert.Equal(expected.Assignment.Select(row => (row.Layer, row.Bits)), actual.Assignment.Select(row => (row.Layer, row.Bits)));
    }
}
