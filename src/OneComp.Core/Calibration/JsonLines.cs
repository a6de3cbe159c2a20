using System.IO.Compression;
using System.Text.Json;

namespace OneComp.Calibration;

/// <summary>A .jsonl or .jsonl.gz file: one JSON object a line.</summary>
internal static class JsonLines
{
    public static IEnumerable<string?> Read(string path, string field)
    {
        Stream stream = SourceFile.Open(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream = new GZipStream(stream, CompressionMode.Decompress);
        }

        using var reader = SourceFile.Text(stream);
        for (var number = 1L; SourceFile.Reading(path, reader.ReadLine) is { } line; number++)
        {
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

        if (!root.TryGetProperty(field, out var value))
        {
            throw new CalibrationException(
                CalibrationError.MissingField,
                path,
                $"Line {number} of '{path}' has no field '{field}'; it has {NameList.Of(root.EnumerateObject().Select(p => p.Name))}. " +
                "Name the field that holds the text (TextColumn).");
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => StringOf(path, number, value),
            JsonValueKind.Null => null,
            _ => throw new CalibrationException(
                CalibrationError.FieldNotText,
                path,
                $"Field '{field}' in line {number} of '{path}' is {Describe(value.ValueKind)}, not a string. " +
                "Name the field that holds the text (TextColumn)."),
        };
    }

    private static string? StringOf(string path, long number, JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException fault)
        {
            throw InvalidLine(path, number, "its text has an escaped surrogate without its pair", fault);
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
