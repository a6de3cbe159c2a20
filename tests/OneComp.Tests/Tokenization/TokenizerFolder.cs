using System.Text.Json.Nodes;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>Small tokenizers written for one test.</summary>
internal static class TokenizerFolder
{
    /// <summary>A model over single characters and the joined tokens of <paramref name="merges"/>, ids in that order.</summary>
    public static JsonObject Model(string characters, params string[] merges) => new()
    {
        ["type"] = "BPE",
        ["vocab"] = Vocabulary([.. characters.Select(c => c.ToString()), .. merges.Select(merge => merge.Replace(" ", "")).Distinct()]),
        ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
    };

    public static JsonObject Vocabulary(params string[] tokens) =>
        new(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    public static JsonObject Token(int id, string content) => new() { ["id"] = id, ["content"] = content };

    public static JsonNode Json(string text) => JsonNode.Parse(text)!;

    public static ITextTokenizer Load(JsonObject root) => Load(root.ToJsonString());

    public static ITextTokenizer Load(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), json);
        return TokenizerLoader.Load(folder.Path);
    }

    /// <summary>Loads a file that must fail, and checks that the message names the file.</summary>
    public static TokenizerException LoadError(string json)
    {
        TokenizerException error = Assert.Throws<TokenizerException>(() => Load(json));
        Assert.Equal("tokenizer.json", Path.GetFileName(error.Subject));
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Equal($"Tokenizer{error.Error}", error.ErrorId);
        return error;
    }
}
