using System.Text.Json;
using OneComp.Untrusted;

namespace OneComp.Reports;

/// <summary>Reads the rows of a JSON file: an array of flat objects, alone or as "Assignment" of an object.</summary>
internal static class JsonCells
{
    private const int MaxDepth = 8;

    /// <summary>Reads the file.</summary>
    /// <exception cref="JsonException">It is no JSON, or holds no such array.</exception>
    public static CellTable Read(string path)
    {
        using var document = StrictJson.ParseDocument(BoundedFile.Read(path, AssignmentImport.LargestFile), MaxDepth, lenient: true);
        var root = document.RootElement;
        var rows = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("Assignment", out var assignment) ? assignment : root;
        if (rows.ValueKind != JsonValueKind.Array || rows.EnumerateArray().Any(row => row.ValueKind != JsonValueKind.Object))
        {
            throw new JsonException("an array of objects is expected, alone or as \"Assignment\".");
        }

        var headers = rows.EnumerateArray().SelectMany(row => row.EnumerateObject().Select(field => field.Name)).Distinct().Take(AssignmentImport.MostColumns + 1).ToList();
        AssignmentImport.RequireSize(headers.Count, rows.GetArrayLength());
        return new CellTable(headers, [.. rows.EnumerateArray().Select(row => headers.Select(header => TextOf(row, header)).ToArray())]);
    }

    private static string? TextOf(JsonElement row, string field) => !row.TryGetProperty(field, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new JsonException($"\"{field}\" is neither a text nor a number."),
    };
}
