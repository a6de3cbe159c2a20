using OneComp.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

public class RotaryFrequenciesTests
{
    [Fact]
    public void Frequencies_fall_from_one_by_powers_of_the_base()
    {
        var frequencies = RotaryFrequencies.Of(Config(null));
        Assert.Equal([1f, 0.1f, 0.01f, 0.001f], frequencies, Near);
    }

    [Fact]
    public void Linear_scaling_divides_all_of_them()
    {
        var frequencies = RotaryFrequencies.Of(Config(new RopeScaling(RopeScalingKind.Linear, 4)));
        Assert.Equal([0.25f, 0.025f, 0.0025f, 0.00025f], frequencies, Near);
    }

    [Fact]
    public void Llama3_scaling_keeps_fast_ones_divides_slow_ones_and_blends_between()
    {
        // Turns within 628.3 tokens are 100, 10, 1 and 0.1 for the four: kept, blended half way, divided, divided.
        var scaling = new RopeScaling(RopeScalingKind.Llama3, 8, 5, 15, 628);
        var frequencies = RotaryFrequencies.Of(Config(scaling));
        Assert.Equal(1f, frequencies[0]);
        Assert.Equal(0.1f * (0.5f + (0.5f / 8)), frequencies[1], 1e-4f);
        Assert.Equal(0.01f / 8, frequencies[2], 1e-9f);
        Assert.Equal(0.001f / 8, frequencies[3], 1e-9f);
    }

    private static bool Near(float expected, float found) => Math.Abs(expected - found) <= 1e-7f * expected;

    private static ModelConfig Config(RopeScaling? scaling)
    {
        using var folder = new TemporaryFolder();
        ConfigFile.Write(folder);
        return ModelConfig.Load(folder.Path) with { RopeScaling = scaling };
    }
}
