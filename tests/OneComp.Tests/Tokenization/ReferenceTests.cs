using System.Text.Json;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>Ids against those of the tokenizers' own libraries.</summary>
public class ReferenceTests
{
    public static TheoryData<string, string, int[]> Strings()
    {
        var data = new TheoryData<string, string, int[]>();
        foreach (string tokenizer in (string[])["qwen-bpe", "llama2-json", "llama2-sentencepiece"])
        {
            using JsonDocument expected = Open(Repository.Data("tokenizers", tokenizer, "expected.json"));
            Add(data, Repository.Data("tokenizers", tokenizer), expected.RootElement);
        }

        using JsonDocument reference = Open(Repository.Data("tiny-llama-ref.json"));
        Add(data, Repository.TinyLlama, reference.RootElement.GetProperty("tokenizer"));
        return data;
    }

    [Theory]
    [MemberData(nameof(Strings))]
    public void A_reference_string_has_the_reference_ids(string folder, string text, int[] ids) =>
        Assert.Equal(ids, TokenizerLoader.Load(Path.Combine(Repository.Root, folder)).Encode(text));

    [Fact]
    public void There_are_56_reference_strings() => Assert.Equal(56, Strings().Count);

    private static void Add(TheoryData<string, string, int[]> data, string folder, JsonElement cases)
    {
        foreach (JsonElement entry in cases.EnumerateArray())
        {
            data.Add(
                Path.GetRelativePath(Repository.Root, folder),
                entry.GetProperty("text").GetString()!,
                [.. entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
        }
    }

    private static JsonDocument Open(string path) => JsonDocument.Parse(File.ReadAllBytes(path));
}
