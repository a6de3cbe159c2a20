using System.Text.Json.Nodes;
using OneComp.Export;
using OneComp.Export.Gguf;
using OneComp.Models;
using OneComp.Tests.Models;
using OneComp.Tests.Support;
using OneComp.Tokenization.Reading;

namespace OneComp.Tests.Export;

/// <summary>Tokenizers as llama.cpp takes them.</summary>
public class GgufVocabularyTests
{
    private const string Words = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData("llama2-sentencepiece")]
    [InlineData("llama2-json")]
    public void A_sentencepiece_vocabulary_has_scores_kinds_and_roles(string name)
    {
        var metadata = Read(name);
        Assert.Equal("llama", metadata["tokenizer.ggml.model"]);
        Assert.Equal("default", metadata["tokenizer.ggml.pre"]);
        var tokens = (object[])metadata["tokenizer.ggml.tokens"];
        var kinds = ((object[])metadata["tokenizer.ggml.token_type"]).Cast<int>().ToArray();
        Assert.Equal(["<unk>", "<s>", "</s>", "<0x00>"], tokens.Take(4));
        Assert.Equal([2, 3, 3, 6], kinds.Take(4));
        Assert.Equal(256, kinds.Count(kind => kind == 6));
        Assert.Equal(5, kinds[^1]);
        Assert.Equal("[PAD1999]", tokens[^1]);
        Assert.Equal((1u, 2u, 0u), (metadata["tokenizer.ggml.bos_token_id"], metadata["tokenizer.ggml.eos_token_id"], metadata["tokenizer.ggml.unknown_token_id"]));
        Assert.Equal((true, false, true), (metadata["tokenizer.ggml.add_bos_token"], metadata["tokenizer.ggml.add_eos_token"], metadata["tokenizer.ggml.add_space_prefix"]));
        Assert.False(metadata.ContainsKey("tokenizer.ggml.merges"));
    }

    [Fact]
    public void Scores_from_merges_put_pieces_in_the_order_of_sentencepiece_s_own()
    {
        var (json, model) = (Scores("llama2-json"), Scores("llama2-sentencepiece"));
        var joined = model.Where(piece => piece.Value < 0 && piece.Key.Length > 1 && !piece.Key.StartsWith('<') && json.ContainsKey(piece.Key)).Select(piece => piece.Key).ToList();
        Assert.InRange(joined.Count, 500, 2000);
        Assert.Equal(joined.OrderByDescending(piece => model[piece]), joined.OrderByDescending(piece => json[piece]));

        static Dictionary<string, float> Scores(string name)
        {
            var metadata = Read(name);
            return ((object[])metadata["tokenizer.ggml.tokens"]).Zip((object[])metadata["tokenizer.ggml.scores"]).ToDictionary(pair => (string)pair.First, pair => (float)pair.Second);
        }
    }

    [Fact]
    public void Qwen_s_tokenizer_begins_with_nothing_and_keeps_its_merges_in_order()
    {
        var metadata = Read("qwen-bpe");
        var json = JsonNode.Parse(File.ReadAllText(Repository.Data("tokenizers", "qwen-bpe", "tokenizer.json")))!;
        Assert.Equal(("gpt2", "qwen2"), (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]));
        Assert.Equal((false, 0u), (metadata["tokenizer.ggml.add_bos_token"], metadata["tokenizer.ggml.eos_token_id"]));
        Assert.Equal(
            json["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!),
            ((object[])metadata["tokenizer.ggml.merges"]).Cast<string>());
        Assert.All(json["added_tokens"]!.AsArray(), token => Assert.Equal(3, ((object[])metadata["tokenizer.ggml.token_type"])[(int)token!["id"]!]));
    }

    [Theory]
    [InlineData(Words + @"\p{N}{1,3}" + Rest, true, "llama-bpe")]
    [InlineData(Words + @"\p{N}{1,3}" + Rest, false, "smaug-bpe")]
    [InlineData(Words + @"\p{N}" + Rest, false, "qwen2")]
    [InlineData(Words + @"\p{N}{1,2}" + Rest, false, null)]
    public void A_pattern_is_known_by_its_characters(string pattern, bool ignoreMerges, string? expected)
    {
        var root = Field(new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated" },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject { ["ignore_merges"] = ignoreMerges },
        });
        if (expected is not null)
        {
            Assert.Equal(expected, PreTokenizerName.Of(root));
        }
        else
        {
            var error = Assert.Throws<ExportException>(() => PreTokenizerName.Of(root));
            Assert.Equal(ExportError.PreTokenizerUnknown, error.Error);
            Assert.Contains("-PreTokenizer", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gpt_2_s_own_pattern_and_digits_before_it_have_names()
    {
        var bytes = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false };
        Assert.Equal("gpt-2", PreTokenizerName.Of(Field(new JsonObject { ["pre_tokenizer"] = bytes.DeepClone(), ["model"] = new JsonObject() })));
        var digits = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, bytes) };
        Assert.Equal("smollm", PreTokenizerName.Of(Field(new JsonObject { ["pre_tokenizer"] = digits, ["model"] = new JsonObject() })));
    }

    [Fact]
    public void A_model_without_a_token_at_which_texts_end_is_refused()
    {
        using var folder = new TemporaryFolder();
        SmallTokenizer.Write(folder.Path, byteLevel: true);
        File.WriteAllText(folder.File("tokenizer_config.json"), "{}");
        var error = Assert.Throws<ExportException>(() => GgufVocabulary.Read(Config(folder.Path, 300), null));
        Assert.Equal(ExportError.TokenizerMismatch, error.Error);
        Assert.Contains("eos_token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_words_of_the_user_s_are_no_control_tokens_and_a_chat_template_is_taken_along()
    {
        using var folder = new TemporaryFolder();
        SmallTokenizer.Write(folder.Path, byteLevel: true);
        var metadata = Metadata(GgufVocabulary.Read(Config(folder.Path, 300), null));
        Assert.Equal([3, 4, 5], ((object[])metadata["tokenizer.ggml.token_type"]).Skip(258).Take(3).Cast<int>());
        Assert.Equal("{{ messages }}", metadata["tokenizer.chat_template"]);
        File.WriteAllText(folder.File("chat_template.jinja"), "newer");
        Assert.Equal("newer", Metadata(GgufVocabulary.Read(Config(folder.Path, 300), null))["tokenizer.chat_template"]);
    }

    private static Dictionary<string, object> Read(string name) => Metadata(GgufVocabulary.Read(Config(Repository.Data("tokenizers", name), 2000), null));

    private static ModelConfig Config(string folder, int vocabulary) =>
        ModelConfig.Load(ModelFolders.Architecture("qwen2")) with { Folder = folder, VocabularySize = vocabulary, Raw = [] };

    private static Dictionary<string, object> Metadata(GgufVocabulary vocabulary)
    {
        using var folder = new TemporaryFolder();
        var metadata = new GgufMetadata();
        vocabulary.AddTo(metadata);
        using (var writer = new GgufWriter(folder.File("t.gguf"), metadata, []))
        {
            writer.Complete();
        }

        return new GgufDocument(folder.File("t.gguf")).Metadata;
    }

    private static JsonField Field(JsonObject json) => new(System.Text.Json.JsonDocument.Parse(json.ToJsonString()).RootElement, "", "tokenizer.json");
}
