using System.Text.RegularExpressions;

namespace OneComp.Tokenization.Reading;

/// <summary>Reads a pattern: {"String": literal} or {"Regex": expression}.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonField field)
    {
        if (field.Optional("String") is { } literal)
        {
            return new(Regex.Escape(literal.Text()), field.File);
        }

        return field.Optional("Regex") is { } expression
            ? new(expression.Text(), field.File)
            : throw field.Invalid("holds neither 'String' nor 'Regex'");
    }
}
