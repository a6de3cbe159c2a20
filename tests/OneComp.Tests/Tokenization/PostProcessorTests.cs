using System.Text.Json.Nodes;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>What stands around a text.</summary>
public class PostProcessorTests
{
    private const string Template =
        """
        {"type": "TemplateProcessing", "pair": [],
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [7], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [8, 9], "tokens": ["</", "s>"]}}}
        """;

    [Fact]
    public void A_template_stands_around_the_text() => Assert.Equal([7, 0, 8, 9], Load(Template).Encode("a"));

    [Fact]
    public void A_template_stands_around_an_empty_text() => Assert.Equal([7, 8, 9], Load(Template).Encode(""));

    [Fact]
    public void A_template_is_left_out_when_special_tokens_are_not_wanted() =>
        Assert.Equal([0], Load(Template).Encode("a", addSpecialTokens: false));

    [Fact]
    public void Byte_level_adds_nothing() => Assert.Equal([0], Load("""{"type": "ByteLevel"}""").Encode("a"));

    [Fact]
    public void The_processors_of_a_sequence_all_count() => Assert.Equal(
        [7, 7, 0, 8, 9, 8, 9],
        Load($$"""{"type": "Sequence", "processors": [{"type": "ByteLevel"}, {{Template}}, {{Template}}]}""").Encode("a"));

    private static ITextTokenizer Load(string postProcessor) => TokenizerFolder.Load(new JsonObject
    {
        ["model"] = TokenizerFolder.Model("a"),
        ["post_processor"] = TokenizerFolder.Json(postProcessor),
    });
}
