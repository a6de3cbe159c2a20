using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;

namespace OneComp.Quantization.Settings;

/// <summary>Reads and writes a quantizer of whatever method: an object whose Method says which settings the rest are.</summary>
/// <typeparam name="T">Quantizer, or WeightQuantizer where AutoBit has no place.</typeparam>
internal sealed class QuantizerConverter<T> : JsonConverter<T>
    where T : Quantizer
{
    private static readonly Dictionary<string, Type> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GPTQ"] = typeof(GptqQuantizer),
        ["RTN"] = typeof(RtnQuantizer),
        ["DBF"] = typeof(DbfQuantizer),
        ["AutoBit"] = typeof(AutoBitQuantizer),
    };

    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonObject settings)
        {
            throw new JsonException("A quantizer is an object with a Method and its settings.");
        }

        var type = TypeOf(settings);
        foreach (var (name, _) in settings)
        {
            QuantizerJson.RequireKnown(type, name, (string)Methods.First(method => method.Value == type).Key);
        }

        return (T?)settings.Deserialize(type, options);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString(QuantizerSettings.Method, value.Method);
        foreach (var (name, setting) in (JsonObject)JsonSerializer.SerializeToNode(value, value.GetType(), options)!)
        {
            writer.WritePropertyName(name);
            setting!.WriteTo(writer, options); // null is left out
        }

        writer.WriteEndObject();
    }

    // Takes the Method out of the settings.
    private static Type TypeOf(JsonObject settings)
    {
        var (key, value) = settings.FirstOrDefault(setting => setting.Key.Equals(QuantizerSettings.Method, StringComparison.OrdinalIgnoreCase));
        var known = string.Join(", ", Methods.Where(method => typeof(T).IsAssignableFrom(method.Value)).Select(method => method.Key));
        if (key is null || value is not JsonValue text || !text.TryGetValue(out string? name) || !Methods.TryGetValue(name, out var type) || !typeof(T).IsAssignableFrom(type))
        {
            throw new QuantizerSettingsException(
                QuantizerSettingsError.MethodUnknown,
                value?.ToString() ?? QuantizerSettings.Method,
                $"{(key is null ? "No Method is named" : $"The Method '{value}' is not known here")}; one of {known} is expected.");
        }

        settings.Remove(key);
        return type;
    }
}
