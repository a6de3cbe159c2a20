using System.Text.Json.Nodes;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>Tokens that are found in the text itself.</summary>
public class AddedTokenTests
{
    private const string Letters = "ab _"; // ids 0 to 3

    [Fact]
    public void A_token_is_found_inside_text() => Assert.Equal([0, 9, 1], Load(TokenizerFolder.Token(9, "<x>")).Encode("a<x>b"));

    [Fact]
    public void Tokens_count_for_the_size_of_the_vocabulary() => Assert.Equal(10, Load(TokenizerFolder.Token(9, "<x>")).VocabularySize);

    [Fact]
    public void The_longest_of_two_tokens_at_one_place_wins() => Assert.Equal(
        [8, 9], Load(TokenizerFolder.Token(9, "<x>"), TokenizerFolder.Token(8, "<x>a")).Encode("<x>a<x>"));

    [Fact]
    public void The_leftmost_of_two_overlapping_tokens_wins() => Assert.Equal(
        [9, 1], Load(TokenizerFolder.Token(9, "ab"), TokenizerFolder.Token(8, "bb")).Encode("abb"));

    [Fact]
    public void A_token_of_the_vocabulary_keeps_its_id() => Assert.Equal([1], Load(TokenizerFolder.Token(9, "b")).Encode("b"));

    [Theory]
    [InlineData(false, false, new[] { 0, 2, 2, 9, 2, 2, 1 })]
    [InlineData(true, false, new[] { 0, 9, 2, 2, 1 })]
    [InlineData(false, true, new[] { 0, 2, 2, 9, 1 })]
    [InlineData(true, true, new[] { 0, 9, 1 })]
    public void Stripping_takes_the_white_space_of_that_side(bool left, bool right, int[] ids)
    {
        JsonObject token = TokenizerFolder.Token(9, "<x>");
        token["lstrip"] = left;
        token["rstrip"] = right;
        Assert.Equal(ids, Load(token).Encode("a  <x>  b"));
    }

    [Theory]
    [InlineData("x", new[] { 9 })]
    [InlineData("a x b", new[] { 0, 2, 9, 2, 1 })]
    [InlineData("ax x_ x", new[] { 0, 2, 3, 2, 9 })] // the x inside words is unknown and dropped
    [InlineData("x\u0301 x", new[] { 2, 9 })] // a combining mark is part of a word
    public void A_single_word_token_is_not_found_inside_a_word(string text, int[] ids)
    {
        JsonObject token = TokenizerFolder.Token(9, "x");
        token["single_word"] = true;
        Assert.Equal(ids, Load(token).Encode(text));
    }

    [Theory]
    [InlineData(true, new[] { 9, 9 })]
    [InlineData(false, new[] { 9 })] // the second is unknown to the model
    public void A_normalized_token_is_found_in_normalized_text_and_another_only_in_the_text_as_given(bool normalized, int[] ids)
    {
        JsonObject token = TokenizerFolder.Token(9, "\u00E9");
        token["normalized"] = normalized;
        ITextTokenizer tokenizer = TokenizerFolder.Load(new JsonObject
        {
            ["added_tokens"] = new JsonArray(token),
            ["normalizer"] = TokenizerFolder.Json("""{"type": "NFC"}"""),
            ["model"] = TokenizerFolder.Json("""{"type": "BPE", "vocab": {"a": 0}, "merges": []}"""),
        });
        Assert.Equal(ids, tokenizer.Encode("\u00E9e\u0301"));
    }

    private static ITextTokenizer Load(params JsonNode[] tokens) => TokenizerFolder.Load(new JsonObject
    {
        ["added_tokens"] = new JsonArray(tokens),
        ["model"] = TokenizerFolder.Model(Letters),
    });
}
