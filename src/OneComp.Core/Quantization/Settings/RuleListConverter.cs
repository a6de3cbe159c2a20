using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneComp.Quantization.Settings;

/// <summary>Rules by part of a layer's name, in their order, as an object: <c>{ "down_proj": 4 }</c>.</summary>
internal sealed class RuleListConverter<TValue> : JsonConverter<IReadOnlyList<KeyValuePair<string, TValue>>>
    where TValue : struct
{
    public override IReadOnlyList<KeyValuePair<string, TValue>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Rules are an object: parts of names, and a number for each.");
        }

        var rules = new List<KeyValuePair<string, TValue>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var part = reader.GetString()!;
            reader.Read();
            rules.Add(KeyValuePair.Create(part, JsonSerializer.Deserialize<TValue>(ref reader, options)));
        }

        return rules;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<KeyValuePair<string, TValue>> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (part, number) in value)
        {
            writer.WritePropertyName(part);
            JsonSerializer.Serialize(writer, number, options);
        }

        writer.WriteEndObject();
    }
}
