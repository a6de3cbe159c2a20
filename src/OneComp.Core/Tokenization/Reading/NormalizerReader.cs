using System.Text;

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
            "Sequence" => InTurn([.. normalizer["normalizers"].Items().Select(inner => Read(inner))]),
            "NFC" => text => text.Normalize(NormalizationForm.FormC),
            "NFD" => text => text.Normalize(NormalizationForm.FormD),
            "NFKC" => text => text.Normalize(NormalizationForm.FormKC),
            "NFKD" => text => text.Normalize(NormalizationForm.FormKD),
            "Lowercase" => text => text.ToLowerInvariant(),
            "Prepend" => Prepend(normalizer["prepend"].Text()),
            "Replace" => Replace(normalizer["pattern"], normalizer["content"].Text()),
            "Strip" => Strip(normalizer.Flag("strip_left", true), normalizer.Flag("strip_right", true)),
            _ => throw normalizer.Error(TokenizerError.UnknownNormalizer, $"is of type '{type}'; known are " +
                "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace and Strip"),
        };
    }

    /// <summary>Puts <paramref name="prefix"/> before a text that is not empty.</summary>
    public static Func<string, string> Prepend(string prefix) => text => text.Length == 0 ? text : prefix + text;

    /// <summary>One after the other.</summary>
    public static Func<string, string> InTurn(IReadOnlyList<Func<string, string>> steps) =>
        text => steps.Aggregate(text, (current, step) => step(current));

    private static Func<string, string> Replace(JsonField field, string content)
    {
        if (field.Optional("String") is { } literal && literal.Text() is { Length: > 0 } old)
        {
            return text => text.Replace(old, content, StringComparison.Ordinal);
        }

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

    private static Func<string, string> Strip(bool left, bool right) => text =>
    {
        string current = left ? text.TrimStart() : text;
        return right ? current.TrimEnd() : current;
    };
}
