using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>Each rule of tokenizer.json that a file can break.</summary>
public class TokenizerJsonErrorTests
{
    [Theory]
    [InlineData("", TokenizerError.MalformedJson, "line 1")]
    [InlineData("{\n\"model\": {", TokenizerError.MalformedJson, "line 2")]
    [InlineData("[]", TokenizerError.InvalidField, "the root is not an object")]
    [InlineData("{}", TokenizerError.InvalidField, "has no 'model'")]
    [InlineData("""{"\ud800": 1}""", TokenizerError.InvalidField, "the root holds half a surrogate pair")]
    [InlineData("""{"model": 1}""", TokenizerError.InvalidField, "model is not an object")]
    [InlineData("""{"model": {"type": "Unigram"}}""", TokenizerError.UnknownModelType, "'Unigram'; known is BPE")]
    [InlineData("""{"model": {"merges": []}}""", TokenizerError.InvalidField, "model has no 'vocab'")]
    [InlineData("""{"model": {"vocab": {"a": 0}}}""", TokenizerError.InvalidField, "model has no 'merges'")]
    [InlineData("""{"model": {"vocab": [], "merges": []}}""", TokenizerError.InvalidField, "model.vocab is not an object")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": {}}}""", TokenizerError.InvalidField, "model.merges is not a list")]
    [InlineData("""{"model": {"vocab": {}, "merges": []}}""", TokenizerError.InvalidVocabulary, "model.vocab is empty")]
    [InlineData("""{"model": {"vocab": {"a": -1}, "merges": []}}""", TokenizerError.InvalidField, "model.vocab['a'] is -1, not a token id")]
    [InlineData("""{"model": {"vocab": {"a": 0.5}, "merges": []}}""", TokenizerError.InvalidField, "0.5, not a token id")]
    [InlineData("""{"model": {"vocab": {"a": 2147483647}, "merges": []}}""", TokenizerError.InvalidField, "2147483647, not a token id")]
    [InlineData("""{"model": {"vocab": {"\ud800": 0}, "merges": []}}""", TokenizerError.InvalidField, "model.vocab holds half a surrogate pair")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": ["a"]}}""", TokenizerError.InvalidMerge, "model.merges[0] is \"a\", not a pair")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": ["a a a"]}}""", TokenizerError.InvalidMerge, "not a pair")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [["a", ""]]}}""", TokenizerError.InvalidMerge, "not a pair")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [1]}}""", TokenizerError.InvalidField, "model.merges[0] is not a string")]
    [InlineData("""{"model": {"vocab": {"a": 0, "aa": 1}, "merges": ["a a", "a b"]}}""", TokenizerError.InvalidMerge, "model.merges[1] joins 'a' and 'b', but the vocabulary lacks 'b'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": ["a a"]}}""", TokenizerError.InvalidMerge, "the vocabulary lacks 'aa'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [], "unk_token": "<unk>"}}""", TokenizerError.InvalidVocabulary, "model.unk_token is '<unk>', which the vocabulary lacks")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [], "end_of_word_suffix": "</w>"}}""", TokenizerError.UnsupportedSetting, "model.end_of_word_suffix is '</w>'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [], "continuing_subword_prefix": "##"}}""", TokenizerError.UnsupportedSetting, "model.continuing_subword_prefix is '##'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [], "dropout": 0.1}}""", TokenizerError.UnsupportedSetting, "model.dropout is 0.1")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": [], "fuse_unk": 1}}""", TokenizerError.InvalidField, "model.fuse_unk is neither true nor false")]
    public void A_broken_model_is_named(string json, TokenizerError error, string message) => Check(json, error, message);

    [Theory]
    [InlineData("""{"normalizer": {"type": "Nmt"}}""", TokenizerError.UnknownNormalizer, "normalizer is of type 'Nmt'; known are Sequence, NFC")]
    [InlineData("""{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}]}}""", TokenizerError.UnknownNormalizer, "normalizer.normalizers[0] is of type 'Nmt'")]
    [InlineData("""{"normalizer": {"type": "Replace", "content": "", "pattern": {}}}""", TokenizerError.InvalidField, "normalizer.pattern holds neither 'String' nor 'Regex'")]
    [InlineData("""{"pre_tokenizer": {"type": "UnicodeScripts"}}""", TokenizerError.UnknownPreTokenizer, "pre_tokenizer is of type 'UnicodeScripts'; known are Sequence, Split")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "isolated"}}""", TokenizerError.InvalidField, "pre_tokenizer.behavior is 'isolated', not one of Removed, Isolated")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated"}}""", TokenizerError.InvalidPattern, "the pattern '(a'")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[😀]"}, "behavior": "Isolated"}}""", TokenizerError.UnsupportedSetting, "beyond U+FFFF")]
    [InlineData("""{"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "last"}}""", TokenizerError.InvalidField, "pre_tokenizer.prepend_scheme is 'last'")]
    [InlineData("""{"post_processor": {"type": "BertProcessing"}}""", TokenizerError.UnknownPostProcessor, "post_processor is of type 'BertProcessing'; known are Sequence, ByteLevel")]
    [InlineData("""{"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}], "special_tokens": {}}}""", TokenizerError.InvalidField, "post_processor.single[0] is neither")]
    [InlineData("""{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}}}""", TokenizerError.InvalidField, "post_processor.special_tokens has no '<s>'")]
    [InlineData("""{"added_tokens": [{"content": "x"}]}""", TokenizerError.InvalidField, "added_tokens[0] has no 'id'")]
    [InlineData("""{"added_tokens": [{"content": 1, "id": 1}]}""", TokenizerError.InvalidField, "added_tokens[0].content is not a string")]
    public void A_broken_step_is_named(string step, TokenizerError error, string message)
    {
        JsonNode root = TokenizerFolder.Json(step);
        root["model"] = TokenizerFolder.Model("a");
        Check(root.ToJsonString(), error, message);
    }

    [Fact]
    public void Merges_of_fallback_bytes_are_refused()
    {
        string bytes = string.Join(", ", Enumerable.Range(0, 256).Select(b => $"\"<0x{b:X2}>\": {b}"));
        Check("{\"model\": {\"byte_fallback\": true, \"vocab\": {" + bytes + ", \"<0x00><0x01>\": 256}, \"merges\": [\"<0x00> <0x01>\"]}}",
            TokenizerError.UnsupportedSetting, "model.merges[0] joins '<0x00>' and '<0x01>'");
    }

    [Fact]
    public void A_byte_order_mark_is_no_fault() => Assert.Equal([0], TokenizerFolder.Load("\uFEFF" + new JsonObject { ["model"] = TokenizerFolder.Model("a") }.ToJsonString()).Encode("a"));

    [Fact]
    public void A_folder_without_tokenizer_says_what_was_looked_for()
    {
        using var folder = new TemporaryFolder();
        TokenizerException error = Assert.Throws<TokenizerException>(() => TokenizerLoader.Load(folder.Path));
        Assert.Equal((TokenizerError.FileNotFound, ErrorKind.NotFound, "TokenizerFileNotFound"), (error.Error, error.Kind, error.ErrorId));
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.model", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a+)+$", 40)] // one match takes for ever
    [InlineData("a(?=(a|bb){0,8000}x)|a", 60_000)] // each match takes a little, all together too long
    public void A_pattern_that_takes_too_long_is_stopped(string pattern, int length)
    {
        TextPattern slow = TextPattern.Parse(pattern, "tokenizer.json", TimeSpan.FromMilliseconds(20));
        TokenizerException error = Assert.Throws<TokenizerException>(() => slow.Matches(new string('a', length) + "!"));
        Assert.Equal(TokenizerError.PatternTimeout, error.Error);
        Assert.Contains(pattern, error.Message, StringComparison.Ordinal);
    }

    private static void Check(string json, TokenizerError expected, string message)
    {
        TokenizerException error = TokenizerFolder.LoadError(json);
        Assert.Equal(expected, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
