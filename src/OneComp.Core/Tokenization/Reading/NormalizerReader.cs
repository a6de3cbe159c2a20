using System.Text;
using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>Reads "normalizer": what is done to the text before it is cut.</summary>
internal static class NormalizerReader
{
    public static Func<string, string> Read(JsonField? field)
    {
        if (field is not { } normalizer)
        {
            return text => text;
        }

        string type = normalizer["type"].Text();
        return type switch
        {
            "Sequence" => InTurn([.. normalizer["normalizers"].Items().Select(inner => Read(inner))], normalizer.File),
            "NFC" => text => text.Normalize(NormalizationForm.FormC),
            "NFD" => text => text.Normalize(NormalizationForm.FormD),
            "NFKC" => text => text.Normalize(NormalizationForm.FormKC),
            "NFKD" => text => text.Normalize(NormalizationForm.FormKD),
            "Prepend" => Prepend(TokenizerLimits.Insertion(normalizer["prepend"])),
            "Replace" => Replace(normalizer["pattern"], TokenizerLimits.Insertion(normalizer["content"])),
            _ => throw normalizer.Error(TokenizerError.UnknownNormalizer, $"is of type {Quoted.Text(type)}; known are " +
                "Sequence, NFC, NFD, NFKC, NFKD, Prepend and Replace"),
        };
    }

    /// <summary>Puts <paramref name="prefix"/> before a text that is not empty.</summary>
    public static Func<string, string> Prepend(string prefix) => text => text.Length == 0 ? text : prefix + text;

    /// <summary>One after the other.</summary>
    public static Func<string, string> InTurn(IReadOnlyList<Func<string, string>> steps, string file) => text =>
    {
        string current = text;
        foreach (Func<string, string> step in steps)
        {
            current = step(current);
            TokenizerLimits.RequireGrowth(text.Length, current.Length, file);
        }

        return current;
    };

    private static Func<string, string> Replace(JsonField field, string content)
    {
        TextPattern pattern = PatternReader.Read(field);
        return text =>
        {
            var replaced = new StringBuilder(text.Length);
            int done = 0;
            foreach ((int start, int end) in pattern.Matches(text))
            {
                replaced.Append(text, done, start - done).Append(content);
                done = end;
            }

            return replaced.Append(text, done, text.Length - done).ToString();
        };
    }
}
