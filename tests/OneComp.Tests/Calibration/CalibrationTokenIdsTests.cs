using OneComp.Calibration;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

/// <summary>Calibration on ids that were prepared elsewhere.</summary>
public sealed class CalibrationTokenIdsTests
{
    private static readonly CalibrationOptions Options = new()
    {
        Path = Repository.Data("tiny-llama-ref.safetensors"),
        TensorName = "calibration_ids",
        NumSamples = 32,
    };

    [Fact]
    public void Rows_no_longer_than_max_length_are_used_as_they_are()
    {
        var windows = Load(Options);

        Assert.Equal((32, 256), (windows.Count, windows.Length));
        Assert.Equal(TokenIdFile.Read(Options.Path, "calibration_ids").Ids, windows.Ids);
    }

    [Fact]
    public void Longer_rows_are_cut_to_their_start()
    {
        var windows = Load(Options with { NumSamples = 3, MaxLength = 100 });

        var whole = TokenIdFile.Read(Options.Path, "calibration_ids");
        Assert.Equal((3, 100), (windows.Count, windows.Length));
        for (var row = 0; row < 3; row++)
        {
            Assert.Equal(whole[row][..100].ToArray(), windows[row].ToArray());
        }
    }

    [Fact]
    public void Too_few_rows_are_said_with_both_numbers()
    {
        var fault = Samples.Fails(CalibrationError.TooFewRows, () => Load(Options with { NumSamples = 33 }));

        Assert.Contains("has 32 rows; NumSamples 33", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_tensors_need_a_name() =>
        Samples.Fails(CalibrationError.SeveralTokenTensors, () => Load(Options with { TensorName = null }));

    private static TokenWindows Load(CalibrationOptions options) =>
        CalibrationData.Load(options, () => throw new InvalidOperationException("token ids need no tokenizer"));
}
