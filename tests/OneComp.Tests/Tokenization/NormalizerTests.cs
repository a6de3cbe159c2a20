using System.Text.Json;
using OneComp.Tokenization.Reading;

namespace OneComp.Tests.Tokenization;

/// <summary>What is done to text before it is cut.</summary>
public class NormalizerTests
{
    [Theory]
    [InlineData("""{"type": "NFC"}""", "e\u0301\uFB01", "\u00E9\uFB01")]
    [InlineData("""{"type": "NFD"}""", "\u00E9\uFB01", "e\u0301\uFB01")]
    [InlineData("""{"type": "NFKC"}""", "e\u0301\uFB01", "\u00E9fi")]
    [InlineData("""{"type": "NFKD"}""", "\u00E9\uFB01", "e\u0301fi")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "x", "▁x")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "", "")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "."}, "content": "$0"}""", "a.b.", "a$0b$0")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", "a   b c", "a b c")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": " "}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}""",
        "a b", "▁a▁b")]
    [InlineData("""{"type": "Sequence", "normalizers": []}""", "a b", "a b")]
    public void A_normalizer_does_what_its_type_says(string json, string text, string normalized)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(normalized, NormalizerReader.Read(new JsonField(document.RootElement, "normalizer", "tokenizer.json"))(text));
    }

    [Fact]
    public void No_normalizer_leaves_the_text() => Assert.Equal(" e\u0301", NormalizerReader.Read(null)(" e\u0301"));
}
