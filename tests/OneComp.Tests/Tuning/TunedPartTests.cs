using OneComp.Calibration;
using OneComp.Models;
using OneComp.Tests.Support;
using OneComp.Tuning;

namespace OneComp.Tests.Tuning;

public sealed class TunedPartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(long.MaxValue, "0-3")]
    [InlineData(2 * 13 * 64, "0-1 2-3")]
    [InlineData((2 * 13 * 64) - 1, "0-0 1-1 2-2 3-3")]
    [InlineData(1, "0-0 1-1 2-2 3-3")]
    public void Blocks_go_together_as_far_as_memory_allows(long bytes, string expected)
    {
        var parts = TunedPart.Of("run", Layers(0, 1, 2, 3), bytes);
        Assert.Equal(expected, string.Join(' ', parts.Select(part => $"{part.First}-{part.Last}")));
    }

    [Fact]
    public void Blocks_that_were_tuned_before_are_not_in_a_part()
    {
        var parts = TunedPart.Of("run", Layers(0, 2, 3), long.MaxValue).ToList();
        Assert.Equal([(0, 0), (2, 3)], parts.Select(part => (part.First, part.Last)));
    }

    [Fact]
    public void Parts_are_found_again_in_order_and_other_files_are_not_parts()
    {
        foreach (var name in (string[])["tuned-4-11.safetensors", "tuned-0-3.safetensors", "tuned-x-3.safetensors", "tuned-5.safetensors", "tuned-9-2.safetensors", "tuned-12-15.safetensors.tmp", "states-1.safetensors"])
        {
            File.WriteAllText(_folder.File(name), "");
        }

        Assert.Equal([(0, 3), (4, 11)], TunedPart.In(_folder.Path).Select(part => (part.First, part.Last)));
    }

    [Theory]
    [InlineData(64, 32, 256, 3)]     // 64 x 16 = 8 x 128
    [InlineData(16, 32, 256, 0)]     // each window 8 times
    [InlineData(100_000, 128, 2048, 3)] // a million tokens
    public void Windows_are_rewritten_until_none_is_used_too_often(int steps, int windows, int length, int rounds) =>
        Assert.Equal(rounds, new TuningOptions { Steps = steps }.RoundsFor(new TokenWindows(new int[windows * length], length)));

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<LinearLayer> Layers(params int[] blocks) =>
        blocks.Select(block => new LinearLayer($"model.layers.{block}.mlp.up_proj", block, "mlp.up_proj", BlockStage.MlpInput, 8, 8, false));
}
