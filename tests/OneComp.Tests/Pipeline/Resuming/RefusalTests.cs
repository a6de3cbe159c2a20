using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Quantization.Gptq;

namespace OneComp.Tests.Pipeline.Resuming;

/// <summary>What stands in the way of going on. One run is stopped; each test begins with what it left.</summary>
public sealed class RefusalTests : IClassFixture<RefusalTests.Stopped>
{
    private readonly StoppedRun _run;
    private readonly QuantizationOptions _options;

    public RefusalTests(Stopped stopped)
    {
        ArgumentNullException.ThrowIfNull(stopped);
        _run = stopped.Run;
        _run.Restore();
        _options = _run.Options(StoppedRun.AutoBit);
    }

    private string StateFile => Path.Combine(_run.RunFolder, "run-state.json");

    [Fact]
    public void Without_Resume_or_Force_it_is_told_with_both_ways_out()
    {
        var error = AssertError(RunError.Unfinished, _options);
        Assert.Equal((ErrorKind.AlreadyExists, "RunUnfinished"), (error.Kind, error.ErrorId));
        Assert.Contains("of 5 blocks done", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Resume", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Force", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_removes_it_and_says_so()
    {
        var discarded = false;
        _run.Run(_options with { Force = true }, new StoppedRun.Listener(e => discarded |= e is FactEvent { Id: RunEventId.RunDiscarded }));
        Assert.True(discarded);
    }

    [Fact]
    public void A_changed_setting_is_named_with_both_values()
    {
        var error = AssertError(RunError.SettingChanged, _options with { Resume = true, Seed = 5 });
        Assert.Equal(("RunSettingChanged", "Seed"), (error.ErrorId, error.Subject));
        Assert.Contains("Seed was 0 and is 5 now", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_one_deep_in_the_quantizer()
    {
        var quantizer = StoppedRun.AutoBit with { Quantizers = [StoppedRun.AutoBit.Quantizers[0], ((GptqQuantizer)StoppedRun.AutoBit.Quantizers[1]) with { PercDamp = 0.5 }, StoppedRun.AutoBit.Quantizers[2]] };
        Assert.Equal("Quantizer.Quantizers[1].PercDamp", AssertError(RunError.SettingChanged, _options with { Resume = true, Quantizer = quantizer }).Subject);
    }

    [Fact]
    public void Free_settings_may_change() => Assert.NotEmpty(_run.Run(_options with { Resume = true, Device = null, Force = true, LogPath = null }));

    [Fact]
    public void A_changed_model_is_told_by_its_file()
    {
        File.SetLastWriteTimeUtc(Path.Combine(_run.Source, "model.safetensors"), DateTime.UtcNow.AddDays(-1));
        Assert.EndsWith("model.safetensors", AssertError(RunError.SourceChanged, _options with { Resume = true }).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_file_of_the_model_is_told_too()
    {
        File.WriteAllText(Path.Combine(_run.Source, "tokenizer.json"), "{}");
        Assert.EndsWith("tokenizer.json", AssertError(RunError.SourceChanged, _options with { Resume = true }).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_calibration_text_is_told()
    {
        SmallModel.WriteIds(_run.Ids, seed: 4);
        AssertError(RunError.CalibrationChanged, _options with { Resume = true });
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void A_state_that_is_no_state_is_told(string content)
    {
        File.WriteAllText(StateFile, content);
        AssertError(RunError.StateInvalid, _options with { Resume = true });
        Assert.Contains("its state is damaged", AssertError(RunError.Unfinished, _options).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state_version", "9")]
    [InlineData("blocks", "-1")]
    [InlineData("blocks", "6")]
    [InlineData("blocks", "\"2\"")]
    [InlineData("total_blocks", "0")]
    [InlineData("total_blocks", "7")]
    [InlineData("states_blocks", "99")]
    [InlineData("states_blocks", "\"../../etc/passwd\"")]
    [InlineData("threads", "1.5")]
    [InlineData("device", "3")]
    [InlineData("begun", "{}")]
    [InlineData("source", "{}")]
    [InlineData("source", "[{\"name\":1}]")]
    [InlineData("settings", "3")]
    [InlineData("errors", "{\"a\":[1]}")]
    [InlineData("plan", "{\"layers\":[]}")]
    [InlineData("plan", "{\"layers\":3}")]
    public void A_field_that_does_not_fit_is_told(string field, string value)
    {
        Edit(state => state[field] = JsonNode.Parse(value));
        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Theory]
    [InlineData("candidate", "7")]
    [InlineData("candidate", "-1")]
    [InlineData("candidate", "null")]
    [InlineData("layer", "\"model.layers.0.self_attn.x_proj\"")]
    [InlineData("costs", "[1]")]
    [InlineData("costs", "[1,2,\"x\"]")]
    public void So_is_a_choice_that_cannot_be(string field, string value)
    {
        Edit(state => state["plan"]!["layers"]![0]![field] = JsonNode.Parse(value));
        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Fact]
    public void Another_choice_than_the_weights_were_written_for_is_told()
    {
        Edit(state => state["plan"]!["layers"]![0]!["candidate"] = ((int)state["plan"]!["layers"]![0]!["candidate"]! + 1) % 3);
        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Fact]
    public void Missing_weights_are_told()
    {
        File.Delete(Directory.GetFiles(Path.Combine(_run.RunFolder, "checkpoint"), "*.part").Single());
        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_or_missing_calibration_states_are_told(bool missing)
    {
        var states = Path.Combine(_run.RunFolder, $"states-{_run.State().StatesBlocks}.safetensors");
        File.Delete(states);
        if (!missing)
        {
            SmallModel.WriteIds(states);
        }

        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Fact]
    public void Damaged_windows_are_told()
    {
        SmallModel.WriteIds(Path.Combine(_run.RunFolder, "windows.safetensors"), seed: 9);
        AssertError(RunError.StateInvalid, _options with { Resume = true });
    }

    [Fact]
    public void Another_run_at_the_same_time_is_told()
    {
        using var taken = OneComp.Pipeline.Locking.DestinationLock.Take(_run.Destination, null);
        Assert.Equal("DestinationLocked", Assert.Throws<DestinationException>(() => QuantizationRun.Run(_options with { Resume = true })).ErrorId);
    }

    private static RunException AssertError(RunError expected, QuantizationOptions options)
    {
        var error = Assert.Throws<RunException>(() => QuantizationRun.Run(options));
        Assert.True(expected == error.Error, $"{error.Error}: {error.Message}");
        return error;
    }

    private void Edit(Action<JsonObject> change)
    {
        var state = JsonNode.Parse(File.ReadAllText(StateFile))!.AsObject();
        change(state);
        File.WriteAllText(StateFile, state.ToJsonString());
    }

    /// <summary>The one run.</summary>
    public sealed class Stopped : IDisposable
    {
        public Stopped()
        {
            StoppedRun.StopAfter(Run.Options(StoppedRun.AutoBit), 1);
            Run.Keep();
        }

        internal StoppedRun Run { get; } = new();

        public void Dispose() => Run.Dispose();
    }
}
