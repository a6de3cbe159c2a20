using OneComp.Calibration;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Calibration;

/// <summary>The text in examples/ with the tokenizer of the model beside it.</summary>
public sealed class ShippedTextTests
{
    private static readonly CalibrationOptions Options = new()
    {
        Path = Path.Combine(Repository.Root, "examples", "data", "calibration.txt"),
        NumSamples = 32,
        MaxLength = 256,
    };

    private static readonly Lazy<ITextTokenizer> Tokenizer = new(() => TokenizerLoader.Load(Repository.TinyLlama));

    private static readonly Lazy<int[]> AllIds = new(() => Tokenizer.Value.Encode(File.ReadAllText(Options.Path).Trim()));

    [Fact]
    public void Concat_chunk_align_gives_the_first_ids_of_the_text()
    {
        var windows = Load(Options);

        Assert.Equal(AllIds.Value[..(32 * 256)], windows.Ids);
        Assert.InRange(windows.MaxId, 1, Tokenizer.Value.VocabularySize - 1);
    }

    [Fact]
    public void Concat_chunk_gives_all_of_it_but_the_last_part_window()
    {
        var windows = Load(Options with { Strategy = CalibrationStrategy.ConcatChunk });

        Assert.Equal(AllIds.Value.Length / 256, windows.Count);
        Assert.Equal(AllIds.Value[..windows.Ids.Length], windows.Ids);
    }

    [Fact]
    public void Drop_head_gives_its_first_window() =>
        Assert.Equal(AllIds.Value[..256], Load(Options with { NumSamples = 1, Strategy = CalibrationStrategy.DropHead }).Ids);

    [Fact]
    public void Its_tokens_are_counted_where_they_are_too_few()
    {
        var fault = Samples.Fails(CalibrationError.TooLittleText, () => Load(Options with { NumSamples = 128, MaxLength = 2048 }));

        Assert.Contains($"gives {AllIds.Value.Length} tokens (1 document)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("128 windows of 2048 tokens need 262144", fault.Message, StringComparison.Ordinal);
    }

    private static TokenWindows Load(CalibrationOptions options) => CalibrationData.Load(options, () => Tokenizer.Value);
}
