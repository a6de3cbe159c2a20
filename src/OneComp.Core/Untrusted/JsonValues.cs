using System.Text.Json;
using System.Text.Json.Nodes;

namespace OneComp.Untrusted;

/// <summary>Values of JSON that may be of any kind: null where a value is not of the kind that is asked for, and never an exception.</summary>
internal static class JsonValues
{
    /// <summary>A field of an object; null where there is no object or no such field.</summary>
    public static JsonNode? Field(this JsonNode? node, string name) => (node as JsonObject)?[name];

    /// <summary>A text.</summary>
    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A finite number.</summary>
    public static double? AsNumber(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
}
