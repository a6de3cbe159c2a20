using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OneComp.Records;

/// <summary>An options object as JSON: every public property by its name, so that a setting added later is recorded too.</summary>
internal static class SettingsJson
{
    private const string Own = "OneComp.";

    /// <summary>Every setting that a record keeps.</summary>
    public static JsonNode? Of(object? value) => Of(value, property => Free(property)?.Recorded ?? true);

    /// <summary>Those alone that must stay as they are when a run goes on.</summary>
    public static JsonNode? FixedOf(object? value) => Of(value, property => Free(property) is null);

    private static JsonNode? Of(object? value, Func<PropertyInfo, bool> wanted) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        Enum name => JsonValue.Create(name.ToString()),
        double.NaN => null,
        bool or int or long or float or double or short or byte => JsonSerializer.SerializeToNode(value, value.GetType()),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Of(item, wanted))]),
        _ when IsPair(value) => Properties(value, wanted),
        _ when value.GetType().Namespace?.StartsWith(Own, StringComparison.Ordinal) == true => Properties(value, wanted),
        _ => JsonValue.Create(value.ToString()),
    };

    private static bool IsPair(object value) => value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static FreeSettingAttribute? Free(PropertyInfo property) => property.GetCustomAttribute<FreeSettingAttribute>();

    private static JsonObject Properties(object value, Func<PropertyInfo, bool> wanted) => new(value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0 && wanted(property))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => KeyValuePair.Create(property.Name, Of(property.GetValue(value), wanted))));
}
