using System.Text.Json;

namespace OneComp.Calibration;

/// <summary>A .jsonl or .jsonl.gz file: one JSON object a line.</summary>
internal static class JsonLines
{
    private const int MostCharacters = 64 << 20; // of a line: a library of books as one document

    public static IEnumerable<string?> Read(string path, string field, CancellationToken token)
    {
        var file = SourceFile.Open(path);
        using var reader = SourceFile.Text(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new BoundedGZip(file) : file);
        var lines = new LineReader(reader);
        for (var number = 1L; SourceFile.Reading(path, () => lines.Read(MostCharacters)) is { } line; number++)
        {
            token.ThrowIfCancellationRequested();
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return TextOf(path, number, line, field);
            }
        }
    }

    /// <summary>The field's text; null where the field is null.</summary>
    private static string? TextOf(string path, long number, string line, string field)
    {
        using var json = Parse(path, number, line);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw InvalidLine(path, number, $"it is {Describe(root.ValueKind)}", null);
        }

        if (Field(path, number, root, field) is not { } value)
        {
            throw new CalibrationException(
                CalibrationError.MissingField,
                path,
                $"Line {number} of '{path}' has no field '{field}'; it has {NamesOf(path, number, root)}. Name the field that holds the text (TextColumn).");
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => Unescaped(path, number, value.GetString),
            JsonValueKind.Null => null,
            _ => throw new CalibrationException(
                CalibrationError.FieldNotText,
                path,
                $"Field '{field}' in line {number} of '{path}' is {Describe(value.ValueKind)}, not a string. " +
                "Name the field that holds the text (TextColumn)."),
        };
    }

    private static JsonElement? Field(string path, long number, JsonElement root, string field) =>
        Unescaped<JsonElement?>(path, number, () => root.TryGetProperty(field, out var value) ? value : null);

    private static string NamesOf(string path, long number, JsonElement root) =>
        Unescaped(path, number, () => NameList.Of(root.EnumerateObject().Select(member => member.Name)));

    private static T Unescaped<T>(string path, long number, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException fault)
        {
            throw InvalidLine(path, number, "it has an escaped surrogate without its pair", fault);
        }
    }

    private static JsonDocument Parse(string path, long number, string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException fault)
        {
            throw InvalidLine(path, number, $"it is not JSON from byte {fault.BytePositionInLine} on", fault);
        }
    }

    private static CalibrationException InvalidLine(string path, long number, string found, Exception? fault) => new(
        CalibrationError.InvalidJsonLine,
        path,
        $"Line {number} of '{path}' should be one JSON object, but {found}. Mend or remove that line.",
        fault);

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True or JsonValueKind.False => "a Boolean",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        _ => $"a {kind.ToString().ToLowerInvariant()}",
    };
}
