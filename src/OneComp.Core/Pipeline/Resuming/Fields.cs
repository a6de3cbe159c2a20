using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OneComp.Pipeline.Resuming;

/// <summary>Fields of a state's JSON; each reading checks its type and range, and names the field where it does not fit.</summary>
internal sealed class Fields(JsonObject json, string path)
{
    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => json[name] is not null;

    public string Text(string name) => json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : throw Fault(name, "is no text");

    public int Whole(string name, int least, int most) =>
        json[name] is JsonValue value && value.TryGetValue(out int number) && number >= least && number <= most
            ? number
            : throw Fault(name, string.Create(CultureInfo.InvariantCulture, $"is no whole number from {least} to {most}"));

    public long Long(string name) => json[name] is JsonValue value && value.TryGetValue(out long number) && number >= 0 ? number : throw Fault(name, "is no whole number");

    public double Real(string name) => Real(name, json[name]);

    public IReadOnlyList<double> Reals(string name) => [.. Array(name).Select(item => Real(name, item))];

    public JsonObject Object(string name) => json[name] as JsonObject ?? throw Fault(name, "is no object");

    public Fields Inner(string name) => new(Object(name), path);

    public IEnumerable<Fields> List(string name) => Array(name).Select(item => new Fields(item as JsonObject ?? throw Fault(name, "is no list of objects"), path));

    /// <summary>An object whose values are two numbers each.</summary>
    public IEnumerable<(string Name, double First, double Second)> Pairs(string name) => Object(name).Select(field =>
        field.Value is JsonArray { Count: 2 } pair ? (field.Key, Real(field.Key, pair[0]), Real(field.Key, pair[1])) : throw Fault(name, $"has no two numbers for {field.Key}"));

    /// <summary>An object as it is written.</summary>
    public byte[] Bytes(string name) => Encoding.UTF8.GetBytes(Object(name).ToJsonString());

    public RunException Fault(string name, string what) => RunState.Invalid($"'{name}' of its state {what}", path);

    private JsonArray Array(string name) => json[name] as JsonArray ?? throw Fault(name, "is no list");

    private double Real(string name, JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number) ? number : throw Fault(name, "is no number");
}
