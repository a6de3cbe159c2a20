using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Safetensors;

namespace OneComp.Models;

/// <summary>Typed access to the fields of a JSON object; its errors name the file, the field and what was found.</summary>
/// <param name="file">Path of the file, for messages.</param>
/// <param name="json">The object.</param>
/// <param name="prefix">Where the object is in the file: <c>rope_scaling.</c>; empty at the top.</param>
internal sealed class ConfigFields(string file, JsonObject json, string prefix = "")
{
    public string File => file;

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => json[name] is not null;

    public int RequireInt(string name, int most = int.MaxValue) => Int(name, most: most) ?? throw Missing(name);

    public double RequireNumber(string name) => Number(name) ?? throw Missing(name);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>; null where absent.</summary>
    public int? Int(string name, int least = 1, int most = int.MaxValue) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out int number) && number >= least && number <= most => number,
        var other => throw Invalid(name, other, most == int.MaxValue ? $"a whole number of at least {least}" : $"a whole number from {least} to {most}"),
    };

    /// <summary>A number above zero; null where absent.</summary>
    public double? Number(string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out double number) && number > 0 && double.IsFinite(number) => number,
        var other => throw Invalid(name, other, "a number above 0"),
    };

    public bool? Flag(string name) => json[name] switch
    {
        null => null,
        { } node when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False => node.GetValue<bool>(),
        var other => throw Invalid(name, other, "true or false"),
    };

    public string? Text(string name) => json[name] switch
    {
        null => null,
        { } node when node.GetValueKind() == JsonValueKind.String => node.GetValue<string>(),
        var other => throw Invalid(name, other, "a string"),
    };

    public IReadOnlyList<string>? Texts(string name) => json[name] switch
    {
        null => null,
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) =>
            [.. array.Select(item => item!.GetValue<string>())],
        var other => throw Invalid(name, other, "a list of strings"),
    };

    /// <summary>The fields of a nested object; null where absent.</summary>
    public ConfigFields? Child(string name) => json[name] switch
    {
        null => null,
        JsonObject child => new ConfigFields(file, child, $"{prefix}{name}."),
        var other => throw Invalid(name, other, "an object"),
    };

    public ModelException Missing(string name) => new(
        ModelError.ConfigFieldMissing, file,
        $"{file} lacks the field '{prefix}{name}', without which the model cannot be built.");

    public ModelException Invalid(string name, JsonNode? found, string expected) => new(
        ModelError.ConfigFieldInvalid, file,
        $"{file}: '{prefix}{name}' is {Quoted.Cut(found?.ToJsonString() ?? "null")}, expected {expected}.");
}
