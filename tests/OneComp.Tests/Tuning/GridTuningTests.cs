using OneComp.Calibration;
using OneComp.Evaluation;
using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using OneComp.Tuning;

namespace OneComp.Tests.Tuning;

/// <summary>Scales and codes that are tuned on the divergence of the logits.</summary>
public sealed class GridTuningTests : IDisposable
{
    private const int Length = 64;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Tuning_lowers_the_divergence_on_the_windows_it_is_tuned_on()
    {
        var plain = Divergence(Quantize("plain", new RtnQuantizer { WBits = 3 }, null));
        var tuned = Divergence(Quantize("tuned", new RtnQuantizer { WBits = 3 }, new TuningOptions { Steps = 8, WindowsPerStep = 8, Rate = 3e-3 }));

        Assert.True(tuned < plain * 0.9, $"tuned {tuned}, plain {plain}");
    }

    [Fact]
    public void Scales_and_codes_change_and_nothing_else()
    {
        var plain = Tensors(Quantize("plain", new RtnQuantizer { WBits = 3 }, null));
        var tuned = Tensors(Quantize("tuned", new RtnQuantizer { WBits = 3 }, new TuningOptions { Steps = 1, WindowsPerStep = 2, CodeRate = 0.3 }));

        var changed = plain.Where(pair => !pair.Value.AsSpan().SequenceEqual(tuned[pair.Key])).Select(pair => pair.Key).ToList();
        Assert.Equal(plain.Keys.Where(name => name.EndsWith(".scales", StringComparison.Ordinal) || name.EndsWith(".qweight", StringComparison.Ordinal)).Order(), changed.Order());
    }

    [Fact]
    public void Only_scales_change_where_codes_are_left()
    {
        var plain = Tensors(Quantize("plain", new RtnQuantizer { WBits = 3 }, null));
        var tuned = Tensors(Quantize("tuned", new RtnQuantizer { WBits = 3 }, new TuningOptions { Steps = 1, WindowsPerStep = 2, CodeRate = 0 }));

        var changed = plain.Where(pair => !pair.Value.AsSpan().SequenceEqual(tuned[pair.Key])).Select(pair => pair.Key).ToList();
        Assert.Equal(plain.Keys.Where(name => name.EndsWith(".scales", StringComparison.Ordinal)).Order(), changed.Order());
    }

    [Fact]
    public void Scales_of_act_order_by_g_idx_are_tuned_with_their_own_columns()
    {
        var options = new GptqQuantizer { WBits = 3, GroupSize = 32, ActOrder = true };
        var plain = Divergence(Quantize("plain", options, null));
        var tuned = Divergence(Quantize("tuned", options, new TuningOptions { Steps = 8, WindowsPerStep = 8 }));

        Assert.True(tuned < plain * 0.97, $"tuned {tuned}, plain {plain}");
    }

    [Theory]
    [InlineData(QuantizationPreset.Best, null, 512)]
    [InlineData(QuantizationPreset.Default, null, 0)]
    [InlineData(QuantizationPreset.Best, 0, 0)]
    [InlineData(QuantizationPreset.Default, 3, 3)]
    public void A_run_tunes_as_its_quantizer_asks_where_it_does_not_say_itself(QuantizationPreset preset, int? given, int expected)
    {
        var options = new QuantizationOptions { Model = "m", Destination = "d", Quantizer = GptqPresets.Of(preset), Tuning = given is { } steps ? new TuningOptions { Steps = steps } : null };
        Assert.Equal(expected, options.TuningOrDefault().Steps);

        var autoBit = options with { Quantizer = new AutoBitQuantizer { TargetBit = 3, Quantizers = [GptqPresets.Of(preset), new RtnQuantizer { WBits = 8 }] } };
        Assert.Equal(expected, autoBit.TuningOrDefault().Steps);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        var exception = Assert.Throws<QuantizerOptionsException>(() => new TuningOptions { Steps = -1, Rate = 2 }.Validate());

        Assert.Contains("TuneSteps", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Rate", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Quantize(string name, WeightQuantizer quantizer, TuningOptions? tuning)
    {
        var destination = _folder.File(name);
        QuantizationRun.Run(new QuantizationOptions
        {
            Model = Repository.TinyLlama,
            Quantizer = quantizer,
            Destination = destination,
            CalibrationPath = Reference.TensorFile,
            TensorName = "calibration_ids",
            NumCalibrationSamples = 8,
            MaxLength = Length,
            ResampleRounds = 0,
            Qep = null,
            Tuning = tuning,
            Device = "cpu",
        });
        return destination;
    }

    /// <summary>On the windows that were tuned on.</summary>
    private double Divergence(string folder)
    {
        var windows = CalibrationData.Load(new CalibrationOptions { Path = Reference.TensorFile, TensorName = "calibration_ids", NumSamples = 8, MaxLength = Length }, () => throw new InvalidOperationException(), default);
        var path = _folder.File("ids.safetensors");
        using (var writer = SafetensorsWriter.Create(path, [new TensorSpec("ids", DType.I32, [windows.Count, Length])]))
        {
            writer.Write("ids", System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(windows.Ids));
            writer.Commit();
        }

        return DivergenceRun.Run(new DivergenceOptions { Reference = Repository.TinyLlama, Model = folder, Path = path, TensorName = "ids", MaxLength = Length, Device = "cpu" }).KLDivergence;
    }

    private static Dictionary<string, byte[]> Tensors(string folder)
    {
        using var model = ModelFolder.Open(folder);
        return model.Checkpoint.Tensors.Values.ToDictionary(entry => entry.Name, entry => File.ReadAllBytes(entry.File).AsSpan((int)entry.Offset, (int)entry.ByteCount).ToArray());
    }
}
