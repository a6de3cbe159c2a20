using System.Runtime.InteropServices;
using OneComp.Calibration;
using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>Whole runs on numbers that no run should meet.</summary>
public sealed class HardNumbersRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Messages _messages = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_goes_on_without_the_sample_that_is_not_finite(bool qep)
    {
        Run(SpikeModel.NotFinite, SpikeModel.Windows(20, 13), qep);
        Assert.Contains("Block 0: calibration sample 13", Assert.Single(_messages.Warnings), StringComparison.Ordinal);
        AssertMeasurable();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_with_more_of_them_stops_and_leaves_nothing_behind(bool qep)
    {
        var error = Assert.Throws<NumericException>(() => Run(SpikeModel.NotFinite, SpikeModel.Windows(20, 1, 2, 3), qep));
        Assert.Equal(NumericError.TooManySamplesNotFinite, error.Error);
        Assert.False(Directory.Exists(_folder.File("quantized")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_token_repeated_calibrates_as_well_as_it_can(bool qep)
    {
        Run((0.1f, 0.1f, 0.1f), new TokenWindows([.. Enumerable.Repeat(9, 8 * SpikeModel.Length)], SpikeModel.Length), qep);
        AssertMeasurable();
    }

    [Fact]
    public void A_token_id_beyond_the_vocabulary_is_refused_before_anything_is_computed()
    {
        var ids = Enumerable.Repeat(9, 4 * SpikeModel.Length).ToArray();
        ids[17] = 1_000_000;
        var error = Assert.Throws<CalibrationException>(() => Run((0.1f, 0.1f, 0.1f), new TokenWindows(ids, SpikeModel.Length), qep: false));
        Assert.Equal(("CalibrationIdOutsideVocabulary", CalibrationError.IdOutsideVocabulary), (error.ErrorId, error.Error));
        Assert.Contains("1000000", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("quantized")));
    }

    [Fact]
    public void So_is_one_of_a_text_to_measure_on()
    {
        var model = SpikeModel.Write(_folder.File("model"), (0.1f, 0.1f, 0.1f));
        var path = Save(_folder.File("eval.safetensors"), new TokenWindows([.. Enumerable.Repeat(1_000_000, SpikeModel.Length)], SpikeModel.Length));
        var error = Assert.Throws<CalibrationException>(() => PerplexityRun.Run(new PerplexityOptions { Model = model, Path = path, Device = "cpu" }));
        Assert.Equal(CalibrationError.IdOutsideVocabulary, error.Error);
    }

    public void Dispose() => _folder.Dispose();

    private static string Save(string path, TokenWindows windows)
    {
        using var writer = SafetensorsWriter.Create(path, [new TensorSpec("input_ids", DType.I32, [windows.Count, windows.Length])]);
        writer.Write("input_ids", MemoryMarshal.AsBytes<int>(windows.Ids));
        writer.Commit();
        return path;
    }

    private void Run((float, float, float) spike, TokenWindows windows, bool qep) => QuantizationRun.Run(
        new QuantizationOptions
        {
            Model = SpikeModel.Write(_folder.File("model"), spike),
            Quantizer = GptqPresets.Of(QuantizationPreset.Default) with
            {
                GroupSize = 16,
                Selection = new LayerSelection { ExcludeLayerKeywords = ["layers.0.mlp.gate_proj", "layers.0.mlp.up_proj"] }, // of sizes that no scale can hold
            },
            Destination = _folder.File("quantized"),
            CalibrationPath = Save(_folder.File("ids.safetensors"), windows),
            NumCalibrationSamples = windows.Count,
            MaxLength = windows.Length,
            Device = "cpu",
            Qep = qep ? new ErrorPropagation() : null,
            ResampleRounds = 0, // the model would write the token into other windows too
        },
        _messages);

    private void AssertMeasurable()
    {
        var measured = PerplexityRun.Run(new PerplexityOptions { Model = _folder.File("quantized"), Path = Save(_folder.File("eval.safetensors"), SpikeModel.Windows(4)), Device = "cpu" });
        Assert.True(double.IsFinite(measured.Perplexity));
    }
}
