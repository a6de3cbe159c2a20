using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>Long texts against another implementation, where it is exact, and two forms of one tokenizer against each other.</summary>
public class LibraryComparisonTests
{
    [Fact]
    public void A_long_text_gets_the_ids_of_the_library_with_the_same_vocabulary_and_pattern()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.TinyLlama, "tokenizer.json")));
        JsonElement model = document.RootElement.GetProperty("model");
        string pattern = document.RootElement.GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0]
            .GetProperty("pattern").GetProperty("Regex").GetString()!;
        var vocabulary = model.GetProperty("vocab").EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetInt32()));
        var options = new BpeOptions(vocabulary)
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(merge => $"{merge[0]} {merge[1]}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(pattern), null),
        };

        Assert.Equal(
            BpeTokenizer.Create(options).EncodeToIds(CalibrationText),
            TokenizerLoader.Load(Repository.TinyLlama).Encode(CalibrationText, addSpecialTokens: false));
    }

    [Fact]
    public void A_long_text_gets_the_same_ids_from_tokenizer_json_and_tokenizer_model() => Assert.Equal(
        TokenizerLoader.Load(Repository.Data("tokenizers", "llama2-json")).Encode(CalibrationText),
        TokenizerLoader.Load(Repository.Data("tokenizers", "llama2-sentencepiece")).Encode(CalibrationText));

    [Fact]
    public void One_tokenizer_may_serve_several_threads()
    {
        ITextTokenizer tokenizer = TokenizerLoader.Load(Repository.TinyLlama);
        int[] expected = tokenizer.Encode(CalibrationText);
        Assert.All(
            Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ => tokenizer.Encode(CalibrationText)).ToArray(),
            ids => Assert.Equal(expected, ids));
    }

    private static string CalibrationText { get; } = File.ReadAllText(Path.Combine(Repository.Root, "examples", "data", "calibration.txt"));
}
