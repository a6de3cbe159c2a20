using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using OneComp.Quantization;
using OneComp.Quantization.Settings;

namespace OneComp.Quantizers;

/// <summary>Values as a script holds them, as settings.</summary>
internal static class SettingValues
{
    /// <summary>A table by its keys.</summary>
    public static JsonObject Table(IDictionary table)
    {
        var settings = new JsonObject();
        foreach (DictionaryEntry entry in table)
        {
            settings[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = Of(entry.Value);
        }

        return settings;
    }

    private static JsonNode? Of(object? value) => value switch
    {
        null => null,
        PSObject wrapped => Of(wrapped.BaseObject),
        string text => JsonValue.Create(text),
        Enum name => JsonValue.Create(name.ToString()),
        bool flag => JsonValue.Create(flag),
        SwitchParameter flag => JsonValue.Create(flag.IsPresent),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        float number => JsonValue.Create((double)number),
        double number => JsonValue.Create(number),
        decimal number => JsonValue.Create(number),
        Quantizer quantizer => QuantizerSettings.ToJson(quantizer),
        IDictionary table => Table(table),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Of)]),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
