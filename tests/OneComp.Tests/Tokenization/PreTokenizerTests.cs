using System.Globalization;
using OneComp.Tokenization;
using OneComp.Tokenization.Reading;

namespace OneComp.Tests.Tokenization;

/// <summary>How text is cut into pieces; most results are those of the documentation of Hugging Face's tokenizers.</summary>
public class PreTokenizerTests
{
    private const string QwenPattern =
        """(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+""";

    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", "the|-final|-|-countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void A_split_does_with_its_matches_what_the_behavior_says(string behavior, string pieces) =>
        Assert.Equal(pieces, Cut($$"""{"type": "Split", "pattern": {"String": "-"}, "behavior": "{{behavior}}"}""", "the-final--countdown"));

    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|--|countdown")]
    [InlineData("MergedWithPrevious", "the-|final--|countdown")]
    [InlineData("MergedWithNext", "the|-final|--countdown")]
    public void Inverted_what_does_not_match_counts_as_the_match(string behavior, string pieces) => Assert.Equal(pieces, Cut(
        $$"""{"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "{{behavior}}", "invert": true}""", "the-final--countdown"));

    [Theory]
    [InlineData("x.y", "x|.|y")]
    [InlineData("", "")]
    public void A_string_pattern_is_no_regular_expression(string text, string pieces) =>
        Assert.Equal(pieces, Cut("""{"type": "Split", "pattern": {"String": "."}, "behavior": "Isolated"}""", text));

    [Fact]
    public void Byte_level_cuts_by_gpt2s_pattern_and_writes_bytes_as_characters() => Assert.Equal(
        "Hello|Ġmy|Ġfriend|,|ĠcafÃ©|Ċ|Ċ|x",
        Cut("""{"type": "ByteLevel", "add_prefix_space": false}""", "Hello my friend, café\n\nx"));

    [Theory]
    [InlineData("x", "Ġx")]
    [InlineData(" x", "Ġx")]
    public void Byte_level_may_put_a_space_first(string text, string pieces) =>
        Assert.Equal(pieces, Cut("""{"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}""", text));

    [Theory]
    [InlineData("\"prepend_scheme\": \"always\"", "▁Hey|▁|▁you", "▁Hey|▁|▁you")]
    [InlineData("\"prepend_scheme\": \"first\"", "▁Hey|▁|▁you", "Hey|▁|▁you")]
    [InlineData("\"prepend_scheme\": \"never\"", "Hey|▁|▁you", "Hey|▁|▁you")]
    [InlineData("\"add_prefix_space\": true", "▁Hey|▁|▁you", "▁Hey|▁|▁you")]
    [InlineData("\"add_prefix_space\": false", "Hey|▁|▁you", "Hey|▁|▁you")]
    [InlineData("\"prepend_scheme\": \"always\", \"split\": false", "▁Hey▁▁you", "▁Hey▁▁you")]
    public void Metaspace_marks_spaces_and_the_beginning(string settings, string atStart, string later)
    {
        string json = $$"""{"type": "Metaspace", "replacement": "▁", {{settings}}}""";
        Assert.Equal(atStart, Cut(json, "Hey  you"));
        Assert.Equal(later, Cut(json, "Hey  you", atStart: false));
    }

    [Theory]
    [InlineData("true", "a|1|2|3|b")]
    [InlineData("false", "a|123|b")]
    public void Digits_are_cut_off_one_by_one_or_together(string individual, string pieces) =>
        Assert.Equal(pieces, Cut($$"""{"type": "Digits", "individual_digits": {{individual}}}""", "a123b"));

    [Fact]
    public void Punctuation_is_cut_off() => Assert.Equal("Hey|,|you|—|$|!", Cut("""{"type": "Punctuation"}""", "Hey,you—$!"));

    [Fact]
    public void White_space_is_cut_off() => Assert.Equal("a|b|c", Cut("""{"type": "WhitespaceSplit"}""", " a b\u3000\nc"));

    [Fact]
    public void Steps_of_a_sequence_follow_each_other_on_the_pieces() => Assert.Equal("Ġa|Ġ1|Ġ2", Cut(
        """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}]}
        """, "a12"));

    [Theory]
    [InlineData("😀abc", "😀abc")] // one character that is no letter may lead a word
    [InlineData("x😀🎉", "x|😀🎉")]
    [InlineData("𠀀𠀁中 𝐀x", "𠀀𠀁中| 𝐀x")] // letters beyond U+FFFF
    [InlineData("𝟏𝟐a", "𝟏|𝟐|a")] // digits beyond U+FFFF
    public void A_character_beyond_FFFF_is_one_character_of_its_category(string text, string pieces) =>
        Assert.Equal(pieces, Cut($$"""{"type": "Split", "pattern": {"Regex": "{{QwenPattern}}"}, "behavior": "Isolated"}""", text));

    [Fact]
    public void A_string_pattern_may_be_a_character_beyond_FFFF() =>
        Assert.Equal("a|😀|b🎉", Cut("""{"type": "Split", "pattern": {"String": "😀"}, "behavior": "Isolated"}""", "a😀b🎉"));

    [Theory]
    [InlineData("^b$", "a\n|b|\nc")]
    public void Line_anchors_stand_at_every_line(string pattern, string pieces) =>
        Assert.Equal(pieces, Cut($$"""{"type": "Split", "pattern": {"Regex": "{{pattern}}"}, "behavior": "Isolated"}""", "a\nb\nc"));

    [Fact]
    public void Every_category_has_a_stand_in_of_that_category()
    {
        foreach (UnicodeCategory category in Enum.GetValues<UnicodeCategory>().Where(value => value != UnicodeCategory.Surrogate))
        {
            Assert.Equal(category, CharUnicodeInfo.GetUnicodeCategory(CharacterUnits.StandIn(category)));
        }
    }

    private static string Cut(string json, string text, bool atStart = true)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        var pieces = new List<TextPiece>();
        PreTokenizerReader.Read(new JsonField(document.RootElement, "pre_tokenizer", "tokenizer.json"))(new(text, atStart), pieces);
        return string.Join('|', pieces.Where(piece => piece.Text.Length > 0).Select(piece => piece.Text));
    }
}
