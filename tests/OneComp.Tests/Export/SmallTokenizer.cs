using System.Text.Json.Nodes;
using OneComp.Tokenization;

namespace OneComp.Tests.Export;

/// <summary>Writes a tokenizer of under 512 tokens: byte-level with Qwen's pattern, or of SentencePiece's kind with bytes to fall back to.</summary>
internal static class SmallTokenizer
{
    private const string QwenPattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static void Write(string folder, bool byteLevel)
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), (byteLevel ? ByteLevel() : SentencePiece()).ToJsonString());
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            byteLevel ? """{"eos_token": "<|end|>", "chat_template": "{{ messages }}"}""" : """{"bos_token": "<s>", "eos_token": {"content": "</s>"}, "unk_token": "<unk>", "add_bos_token": true}""");
    }

    private static JsonObject ByteLevel()
    {
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
        {
            vocabulary.Add(ByteLevelAlphabet.Write(((char)value).ToString())[^1..] is var text && !vocabulary.ContainsKey(text) ? text : $"<{value}>", value);
        }

        vocabulary.Add("th", 256);
        vocabulary.Add("the", 257);
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(258, "<|end|>", special: true), Added(259, "<tool>", special: false)),
            ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = QwenPattern }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray("t h", new JsonArray("th", "e")) },
        };
    }

    private static JsonObject SentencePiece()
    {
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (var value = 0; value < 256; value++)
        {
            vocabulary.Add($"<0x{value:X2}>", 3 + value);
        }

        foreach (var piece in (string[])["▁a", "th", "▁", "a", "t", "h"])
        {
            vocabulary.Add(piece, vocabulary.Count);
        }

        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(0, "<unk>", true), Added(1, "<s>", true), Added(2, "</s>", true)),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" },
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" }),
            },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<s>" } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } }),
                ["special_tokens"] = new JsonObject { ["<s>"] = new JsonObject { ["ids"] = new JsonArray(1) } },
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = true,
                ["unk_token"] = "<unk>",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray("▁ a", "t h"),
            },
        };
    }

    private static JsonObject Added(int id, string content, bool special) =>
        new() { ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = false };
}
