using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Rtn;
using OneComp.Safetensors;
using OneComp.Tuning;

namespace OneComp.Tests.Pipeline.Resuming;

/// <summary>A run that goes on makes what a run makes that was never stopped, to the last byte.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly StoppedRun _run = new();

    public static TheoryData<string> Quantizers => ["gptq", "autobit", "dbf", "rtn"];

    public void Dispose() => _run.Dispose();

    [Theory]
    [MemberData(nameof(Quantizers))]
    public void After_a_stop_in_the_middle(string name)
    {
        var options = _run.Options(Make(name));
        var expected = _run.Run(options);

        StoppedRun.StopAfter(options, 1);
        var resumed = _run.Run(options with { Resume = true });

        Assert.Equal(expected, resumed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_and_without_error_propagation_where_states_have_to_be_walked_through_again(bool qep)
    {
        var options = _run.Options(StoppedRun.Gptq) with { StatesShare = 0, Qep = qep ? new ErrorPropagation() : null };
        var expected = _run.Run(options);

        StoppedRun.StopAfter(options, 2);
        Assert.Null(_run.State().StatesBlocks);
        List<int?> replayed = [];
        var resumed = _run.Run(options with { Resume = true }, new StoppedRun.Listener(e =>
        {
            if (e is FactEvent { Id: RunEventId.BlockReplayed } fact)
            {
                replayed.Add(fact.Block);
            }
        }));

        Assert.Equal(expected, resumed);
        Assert.Equal(Enumerable.Range(0, replayed.Count), replayed.Select(block => block!.Value));
        Assert.True(replayed.Count >= 3, "finished blocks were not walked through");
    }

    [Fact]
    public void Without_error_propagation_from_kept_states()
    {
        var options = _run.Options(StoppedRun.Gptq) with { StatesShare = double.MaxValue, Qep = null };
        var expected = _run.Run(options);

        StoppedRun.StopAfter(options, 2);
        Assert.NotNull(_run.State().StatesBlocks);

        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void States_are_kept_of_one_block_alone()
    {
        var options = _run.Options(StoppedRun.Gptq) with { StatesShare = double.MaxValue };
        var most = 0;
        StoppedRun.StopAfter(options, 1);
        StoppedRun.Stop(options with { Resume = true }, e =>
        {
            if (e is FactEvent { Id: RunEventId.BlockFinished })
            {
                most = Math.Max(most, States().Length);
            }

            return e is FactEvent { Id: RunEventId.BlockFinished, Block: 3 };
        });

        Assert.InRange(most, 1, 2); // those that the state names, and those of the block on its way
        Assert.Contains($"states-{_run.State().StatesBlocks}.safetensors", States());

        string[] States() => [.. Directory.GetFiles(_run.RunFolder, "states-*.safetensors").Select(path => Path.GetFileName(path))];
    }

    [Fact]
    public void Stopped_again_and_again()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var expected = _run.Run(options);

        for (var block = 0; block < SmallModel.Blocks - 1; block++)
        {
            StoppedRun.StopAfter(options with { Resume = true }, block);
        }

        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void Ratings_are_not_computed_again()
    {
        var options = _run.Options(StoppedRun.AutoBit);
        StoppedRun.Stop(options, e => e is FactEvent { Id: RunEventId.WindowsLoaded });
        Assert.Equal(0, _run.State().Blocks);

        var rated = false;
        QuantizationRun.Run(options with { Resume = true }, new StoppedRun.Listener(e => rated |= e is ProgressEvent { Activity: "Rating layers" }));

        Assert.False(rated, "layers were rated again");
    }

    [Fact]
    public void Stopped_while_saving()
    {
        var options = _run.Options(StoppedRun.Gptq);
        var expected = _run.Run(options);

        StoppedRun.Stop(options, e => e is ProgressEvent { Status: "saving" });
        Assert.Equal(SmallModel.Blocks, _run.State().Blocks);

        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void Stopped_while_tuning()
    {
        var options = Tuned;
        var expected = _run.Run(options);

        StoppedRun.Stop(options, e => e is ProgressEvent { Activity: "Tuning", Done: 1 });

        Assert.Equal(expected, _run.Run(options with { Resume = true }));
    }

    [Fact]
    public void Stopped_after_tuning_with_some_of_the_scales_in_their_place()
    {
        var options = Tuned;
        var expected = _run.Run(options);

        StoppedRun.Stop(options, e => e is ProgressEvent { Activity: "Tuning", IsComplete: true });
        using (var tuned = SafetensorsFile.Open(Path.Combine(_run.RunFolder, "scales.safetensors")))
        {
            var scales = tuned.Tensors.Values.First();
            SafetensorsPatch.Write(PlaceOf(scales.Name), tuned.ReadBytes(scales));
        }

        Assert.Equal(expected, _run.Run(options with { Resume = true }));

        TensorEntry PlaceOf(string name)
        {
            using var checkpoint = Checkpoint.Open(Path.Combine(_run.RunFolder, "checkpoint"));
            return checkpoint.Require(name);
        }
    }

    [Fact]
    public void Windows_that_the_model_made_are_not_made_again()
    {
        var options = _run.Options(StoppedRun.Gptq);
        StoppedRun.StopAfter(options, 1);

        var resampled = false;
        QuantizationRun.Run(options with { Resume = true }, new StoppedRun.Listener(e => resampled |= e is ProgressEvent { Activity: "Resampling" }));

        Assert.False(resampled, "the windows were made again");
    }

    [Fact]
    public void Resume_without_an_unfinished_run_begins_one() =>
        Assert.Contains("model.safetensors", _run.Run(_run.Options(new RtnQuantizer()) with { Resume = true }).Keys);

    [Fact]
    public void A_run_that_stops_before_anything_is_done_leaves_nothing()
    {
        StoppedRun.Stop(_run.Options(StoppedRun.Gptq), e => e is ProgressEvent { Status: "planning" });
        Assert.Equal(["ids.safetensors", "model"], _run.Entries);
    }

    [Fact]
    public void Force_replaces_what_is_there_only_when_the_resumed_run_is_done()
    {
        Directory.CreateDirectory(_run.Destination);
        File.WriteAllText(Path.Combine(_run.Destination, "old"), "old");
        var options = _run.Options(StoppedRun.Gptq) with { Force = true };
        StoppedRun.StopAfter(options, 1);
        Assert.True(File.Exists(Path.Combine(_run.Destination, "old")));

        Assert.DoesNotContain("old", _run.Run(options with { Resume = true }).Keys);
    }

    private QuantizationOptions Tuned => _run.Options(StoppedRun.Gptq) with { ResampleRounds = 0, Tuning = new TuningOptions { Steps = 2 } };

    private static Quantizer Make(string name) => name switch
    {
        "gptq" => StoppedRun.Gptq,
        "autobit" => StoppedRun.AutoBit,
        "dbf" => new DbfQuantizer { TargetBits = 1.5, Iters = 12, HessianIters = 3 },
        _ => new RtnQuantizer { WBits = 4, GroupSize = 32 },
    };
}
