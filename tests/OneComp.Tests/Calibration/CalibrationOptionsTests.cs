using OneComp.Calibration;
using OneComp.Errors;

namespace OneComp.Tests.Calibration;

public sealed class CalibrationOptionsTests
{
    public static TheoryData<string, CalibrationOptions> Faults { get; } = new()
    {
        { "Path", new() { Path = " " } },
        { "NumSamples", new() { Path = "a.txt", NumSamples = 0 } },
        { "MaxLength", new() { Path = "a.txt", MaxLength = 1 } },
        { "Strategy", new() { Path = "a.txt", Strategy = (CalibrationStrategy)9 } },
        { "NumSamples", new() { Path = "a.txt", NumSamples = 2_000_000, MaxLength = 2048 } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_value_out_of_range_is_named(string option, CalibrationOptions options)
    {
        var fault = Samples.Fails(
            CalibrationError.OptionOutOfRange, () => CalibrationData.Load(options, () => throw new InvalidOperationException()));

        Assert.Equal(option, fault.Subject);
        Assert.Equal(ErrorKind.InvalidArgument, fault.Kind);
    }

    [Fact]
    public void The_defaults_are_128_windows_of_2048_tokens_from_the_start_of_the_text()
    {
        var options = new CalibrationOptions { Path = "a.txt" };

        Assert.Equal((128, 2048, "text", CalibrationStrategy.ConcatChunkAlign, 0),
            (options.NumSamples, options.MaxLength, options.TextColumn, options.Strategy, options.Seed));
    }
}
