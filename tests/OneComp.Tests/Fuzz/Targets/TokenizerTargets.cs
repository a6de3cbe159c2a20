using System.Text;
using Google.Protobuf;
using OneComp.Export.Gguf;
using OneComp.Models;
using OneComp.Tests.Export;
using OneComp.Tests.Fuzz.Mutation;
using OneComp.Tokenization;
using static OneComp.Tests.Tokenization.ProtobufMessage;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>tokenizer.json, tokenizer.model and tokenizer_config.json, each with a text cut by what was read.</summary>
internal static class TokenizerTargets
{
    private const string Text = "The theft of  3 aaaaaaaaaaaaaaaaaaaaaaaaaaaa 😀 naïve\r\n\tcafé <|end|> [t] ▁a xxxxxxxxxxxxxxxxxxxxxxx";

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        var json = Directory.CreateDirectory(scratch.Path("tokenizer-json")).FullName;
        File.WriteAllText(Path.Combine(json, "config.json"), ConfigTargets.Llama.Replace("\"vocab_size\":32", "\"vocab_size\":512", StringComparison.Ordinal));
        var settings = ModelConfig.Load(json);
        yield return new FuzzTarget("tokenizer-json", [Json(json, byteLevel: true), Json(json, byteLevel: false)], JsonMutations.Any, input =>
        {
            scratch.Write("tokenizer-json/tokenizer.json", input);
            TokenizerLoader.Load(json).Encode(Text);
            GgufVocabulary.Read(settings, "qwen2");
        });

        var model = Directory.CreateDirectory(scratch.Path("tokenizer-model")).FullName;
        yield return new FuzzTarget("tokenizer-model", [SentencePiece()], ByteMutations.Any, input =>
        {
            scratch.Write("tokenizer-model/tokenizer.model", input);
            TokenizerLoader.Load(model).Encode(Text);
        });

        var config = Directory.CreateDirectory(scratch.Path("tokenizer-config")).FullName;
        scratch.Write("tokenizer-config/tokenizer.model", SentencePiece());
        yield return new FuzzTarget("tokenizer-config", [Encoding.UTF8.GetBytes("""{"bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false},"unk_token":null,"add_bos_token":true,"add_eos_token":true,"chat_template":"{{ messages }}"}""")], JsonMutations.Any, input =>
        {
            scratch.Write("tokenizer-config/tokenizer_config.json", input);
            TokenizerLoader.Load(config).Encode(Text);
        });
    }

    private static byte[] Json(string folder, bool byteLevel)
    {
        SmallTokenizer.Write(folder, byteLevel);
        return File.ReadAllBytes(Path.Combine(folder, "tokenizer.json"));
    }

    /// <summary>A SentencePiece model of BPE with pieces of every kind but unused ones.</summary>
    private static byte[] SentencePiece() => Message(model =>
    {
        (string Text, float Score, int Type)[] pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁", -10, 1), ("s", -11, 1), ("t", -12, 1), ("ss", -1, 1), ("st", -1, 1), ("▁s", -5, 1), ("[t]", 0, 4), ("<0x41>", 0, 6)];
        foreach (var (text, score, type) in pieces)
        {
            Nested(model, 1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                Number(piece, 3, type);
            });
        }

        Nested(model, 2, trainer =>
        {
            Number(trainer, 3, 2);
            Number(trainer, 35, 1);
            Number(trainer, 40, 0);
        });
        Nested(model, 3, normalizer =>
        {
            Number(normalizer, 3, 1);
            Number(normalizer, 4, 0);
        });
    });
}
