using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Models.Architectures;
using OneComp.Runtime;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

public class SlidingWindowTests
{
    [Fact]
    public void A_query_sees_itself_and_the_keys_of_the_window_before_it()
    {
        TorchRuntime.EnsureLoaded();
        using var mask = new CausalMask(2, CPU);
        Assert.Equal(
            [true, false, false, false, true, true, false, false, false, true, true, false, false, false, true, true],
            mask.For(4)!.data<bool>().ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_window_no_shorter_than_the_text_needs_no_mask(int? window)
    {
        TorchRuntime.EnsureLoaded();
        using var mask = new CausalMask(window, CPU);
        Assert.Null(mask.For(4));
    }

    [Theory]
    [InlineData("MistralForCausalLM", null, null, "16 16")]
    [InlineData("Qwen2ForCausalLM", null, null, "- -")]
    [InlineData("Qwen2ForCausalLM", 1, null, "- 16")]
    [InlineData("Qwen3ForCausalLM", 0, null, "16 16")]
    [InlineData("Qwen3ForCausalLM", 0, "sliding_attention full_attention", "16 -")]
    [InlineData("LlamaForCausalLM", 0, null, "- -")]
    public void Each_block_slides_as_its_architecture_says(string architecture, int? firstLayer, string? types, string expected)
    {
        using var folder = new TemporaryFolder();
        ConfigFile.Write(folder, config =>
        {
            config["architectures"] = new JsonArray(architecture);
            config["sliding_window"] = 16;
            config["use_sliding_window"] = true;
            config["max_window_layers"] = firstLayer;
            config["layer_types"] = types is null ? null : new JsonArray([.. types.Split(' ').Select(type => (JsonNode)type)]);
        });
        var config = ModelConfig.Load(folder.Path);
        var traits = KnownArchitectures.Require(architecture, "config.json");
        var windows = new[] { 0, 1 }.Select(block => traits.TraitsOf(config, block).SlidingWindow is { } window ? $"{window}" : "-");
        Assert.Equal(expected, string.Join(' ', windows));
    }
}
