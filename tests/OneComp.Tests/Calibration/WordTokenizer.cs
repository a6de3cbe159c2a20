using OneComp.Tokenization;

namespace OneComp.Tests.Calibration;

/// <summary>A tokenizer whose ids can be read: a word "w17" is id 17; a text starts with id 0, as with a BOS token.</summary>
internal sealed class WordTokenizer : ITextTokenizer
{
    public const int Bos = 0;

    public int VocabularySize => 1_000_000;

    /// <summary>The texts it was asked to encode.</summary>
    public List<string> Seen { get; } = [];

    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        Seen.Add(text);
        var ids = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(IdOf);
        return addSpecialTokens ? [Bos, .. ids] : [.. ids];
    }

    /// <summary>Words with the ids from first to first + count - 1.</summary>
    public static string Words(int first, int count) => string.Join(' ', Enumerable.Range(first, count).Select(id => $"w{id}"));

    // A cut may leave a part of a word: that is some other token, as with any tokenizer.
    private static int IdOf(string word) =>
        word.StartsWith('w') && int.TryParse(word.AsSpan(1), out var id) ? id : 999_999;
}
