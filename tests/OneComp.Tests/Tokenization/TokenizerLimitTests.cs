using System.Text.Json.Nodes;
using OneComp.Tests.Export;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>tokenizer.json is not trusted: what would grow out of hand, or take for ever, is an error of ours.</summary>
public sealed class TokenizerLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JsonObject _json;

    public TokenizerLimitTests()
    {
        SmallTokenizer.Write(_folder.Path, byteLevel: false);
        _json = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer.json")))!;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_valid_one_is_read() => Assert.NotEmpty(Load().Encode("a th"));

    [Fact]
    public void Ids_are_bounded()
    {
        _json["model"]!["vocab"]!["far"] = 1 << 24;
        Check(TokenizerError.InvalidField, "16777215");
    }

    [Fact]
    public void Added_tokens_are_bounded_in_number()
    {
        _json["added_tokens"] = new JsonArray([.. Enumerable.Range(0, (1 << 16) + 1).Select(i => (JsonNode)new JsonObject { ["id"] = i, ["content"] = $"<{i}>" })]);
        Check(TokenizerError.InvalidVocabulary, "over 65536 tokens");
    }

    [Fact]
    public void And_in_length()
    {
        _json["added_tokens"]![0]!["content"] = new string('x', 5000);
        Check(TokenizerError.InvalidVocabulary, "5000 characters");
    }

    [Theory]
    [InlineData("normalizer", "normalizers", """{"type":"NFC"}""", "over 64 steps")]
    [InlineData("pre_tokenizer", "pretokenizers", """{"type":"Digits"}""", "over 64 steps")]
    [InlineData("post_processor", "processors", """{"type":"ByteLevel"}""", "over 4096 parts")]
    public void Steps_are_bounded(string field, string list, string step, string message)
    {
        _json[field] = Sequence(list, step, 5000);
        Check(TokenizerError.UnsupportedSetting, message);
    }

    [Fact]
    public void A_literal_to_cut_at_is_short()
    {
        _json["pre_tokenizer"] = JsonNode.Parse($$$"""{"type":"Split","pattern":{"String":"{{{new string('x', 5000)}}}"},"behavior":"Isolated"}""");
        Check(TokenizerError.InvalidPattern, "5000 characters");
    }

    [Fact]
    public void Steps_that_double_the_text_each_are_stopped()
    {
        _json["normalizer"] = Sequence("normalizers", """{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""", 40);
        Check(TokenizerError.TextGrows, "characters of a text of");
    }

    [Fact]
    public void So_are_cuts_that_write_more_than_they_read()
    {
        _json["pre_tokenizer"] = Sequence("pretokenizers", """{"type":"ByteLevel","add_prefix_space":true,"use_regex":false}""", 40);
        Check(TokenizerError.TextGrows, "characters of a text of");
    }

    [Fact]
    public void What_a_step_puts_in_is_short()
    {
        _json["normalizer"] = JsonNode.Parse($$$"""{"type":"Prepend","prepend":"{{{new string('x', 33)}}}"}""");
        Check(TokenizerError.UnsupportedSetting, "33 characters");
    }

    [Theory]
    [InlineData("""[{"Sequence":{"id":"A"}},{"Sequence":{"id":"A"}}]""")]
    [InlineData("""[{"SpecialToken":{"id":"<s>"}}]""")]
    public void A_template_holds_the_text_once(string single)
    {
        _json["post_processor"]!["single"] = JsonNode.Parse(single);
        Check(TokenizerError.UnsupportedSetting, "Sequence A once");
    }

    [Fact]
    public void A_template_is_short()
    {
        _json["post_processor"]!["special_tokens"]!["<s>"]!["ids"] = new JsonArray([.. Enumerable.Repeat(1, 600).Select(id => (JsonNode)id)]);
        _json["post_processor"]!["single"] = JsonNode.Parse("""[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"<s>"}}]""");
        Check(TokenizerError.UnsupportedSetting, "over 1024 ids");
    }

    [Fact]
    public void A_pattern_is_short()
    {
        Split(new string('a', 5000));
        Check(TokenizerError.InvalidPattern, "5000 characters");
    }

    [Theory]
    [InlineData("((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))")]
    [InlineData("[a-[b-[c-[d-[e-[f-[g-[h]]]]]]]]")]
    [InlineData("(?:a{0,1000}){0,1000}b")]
    public void A_pattern_that_is_only_odd_ends_well_or_by_name(string pattern)
    {
        Split(pattern);
        var thrown = Record.Exception(() => Load().Encode(new string('a', 2000)));
        Assert.True(thrown is null or TokenizerException, thrown?.ToString());
    }

    [Fact]
    public void All_patterns_share_the_time_of_a_text()
    {
        var pattern = TextPattern.Parse("a", "tokenizer.json");
        using (MatchTime.Begin(characters: 3))
        {
            Assert.Equal(3, pattern.Matches("aaa").Count);
            MatchTime.Spend(TimeSpan.FromSeconds(10)); // by other patterns
            Assert.Equal(TokenizerError.PatternTimeout, Assert.Throws<TokenizerException>(() => pattern.Matches("aaa")).Error);
        }

        Assert.Equal(3, pattern.Matches("aaa").Count);
    }

    private void Split(string pattern) => _json["pre_tokenizer"] = new JsonObject
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = "Isolated",
    };

    private static JsonObject Sequence(string list, string step, int count) => new()
    {
        ["type"] = "Sequence",
        [list] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => JsonNode.Parse(step))]),
    };

    private void Check(TokenizerError expected, string message)
    {
        var error = Assert.Throws<TokenizerException>(() => Load().Encode("aaaa é aaaa é"));
        Assert.Equal(expected, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private ITextTokenizer Load()
    {
        File.WriteAllText(_folder.File("tokenizer.json"), _json.ToJsonString());
        return TokenizerLoader.Load(_folder.Path);
    }
}
