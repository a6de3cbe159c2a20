namespace OneComp.Tokenization.Reading;

/// <summary>Reads a pattern: {"String": literal} or {"Regex": expression}.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonField field)
    {
        if (field.Optional("String") is { } literal)
        {
            string text = literal.Text();
            return text.Length <= TokenizerLimits.LongestPattern
                ? TextPattern.Literal(text, field.File)
                : throw literal.Error(TokenizerError.InvalidPattern, $"has {text.Length} characters; {TokenizerLimits.LongestPattern} are handled");
        }

        return field.Optional("Regex") is { } expression
            ? TextPattern.Parse(expression.Text(), field.File)
            : throw field.Invalid("holds neither 'String' nor 'Regex'");
    }
}
