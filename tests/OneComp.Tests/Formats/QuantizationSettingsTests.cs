using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Models;

namespace OneComp.Tests.Formats;

/// <summary>A quantization_config that says what cannot be.</summary>
public class QuantizationSettingsTests
{
    private static readonly LinearLayer Layer = new("model.layers.0.self_attn.q_proj", 0, "self_attn.q_proj", BlockStage.AttentionInput, 64, 64, false);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-2", "-4")]
    [InlineData("1e300", "65")]
    [InlineData("\"128\"", "\"4\"")]
    [InlineData("[128]", "{}")]
    public void Numbers_that_cannot_be_count_as_not_given(string groupSize, string bits)
    {
        var inner = $$$"""{"bits":{{{bits}}},"params":{"group_size":{{{groupSize}}}}}""";
        Assert.Equal((null, null), Read($$$"""{"bits":{{{bits}}},"group_size":{{{groupSize}}},"quantization_bits":[{"self_attn.q_proj":{{{inner}}}}]}""").For(Layer));
    }

    [Fact]
    public void Those_that_can_are_read() =>
        Assert.Equal((3.0, -1), Read("""{"bits":4,"group_size":-1,"quantization_bits":[{"self_attn.q_proj":{"bits":3}}]}""").For(Layer));

    [Theory]
    [InlineData("(")]
    [InlineData("(?=a)b")]
    [InlineData("(a)\\1")]
    [InlineData("a{2147483648}")]
    public void A_pattern_that_is_none_or_must_go_back_is_named(string pattern) =>
        Assert.Contains(pattern, Refused(pattern).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_is_short() => Assert.Contains("5000 characters", Refused(new string('a', 5000)).Message, StringComparison.Ordinal);

    [Fact]
    public void Patterns_are_few() => Assert.Contains("over 32 target patterns", Refused([.. Enumerable.Range(0, 40).Select(i => $".*{i}")]).Message, StringComparison.Ordinal);

    private static QuantizedFormatException Refused(params string[] patterns)
    {
        var config = new JsonObject
        {
            ["format"] = "pack-quantized",
            ["config_groups"] = new JsonObject
            {
                ["group_0"] = new JsonObject
                {
                    ["targets"] = new JsonArray([.. patterns.Select(pattern => (JsonNode)("re:" + pattern))]),
                    ["weights"] = new JsonObject { ["num_bits"] = 4, ["strategy"] = "group", ["group_size"] = 32 },
                },
            },
        };
        var error = Assert.Throws<QuantizedFormatException>(() => PackedSchemes.Read(config, "folder"));
        Assert.Equal(QuantizedFormatError.UnknownMethod, error.Error);
        return error;
    }

    private static QuantizationSettings Read(string json) => QuantizationSettings.Of(new JsonObject { ["quantization_config"] = JsonNode.Parse(json) })!;
}
