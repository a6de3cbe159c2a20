using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OneComp.Records;

/// <summary>An options object as JSON: every public property by its name, so that a setting added later is recorded too.</summary>
internal static class SettingsJson
{
    private const string Own = "OneComp.";

    public static JsonNode? Of(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        Enum name => JsonValue.Create(name.ToString()),
        double.NaN => null,
        bool or int or long or float or double or short or byte => JsonSerializer.SerializeToNode(value, value.GetType()),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Of)]),
        _ when IsPair(value) => Properties(value),
        _ when value.GetType().Namespace?.StartsWith(Own, StringComparison.Ordinal) == true => Properties(value),
        _ => JsonValue.Create(value.ToString()),
    };

    private static bool IsPair(object value) => value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static JsonObject Properties(object value) => new(value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0)
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => KeyValuePair.Create(property.Name, Of(property.GetValue(value)))));
}
