using System.Text;
using System.Text.Json;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>A JSON value that may be written wrong: keys may come twice, and a value or key is whatever text stands for it.</summary>
internal sealed class JsonTree
{
    private JsonTree(JsonValueKind kind, string raw) => (Kind, Raw) = (kind, raw);

    public JsonValueKind Kind { get; private set; }

    /// <summary>The text of a value that is neither object nor list.</summary>
    public string Raw { get; private set; }

    /// <summary>Members of an object, with keys as they are written; items of a list, with empty keys.</summary>
    public List<(string Key, JsonTree Value)> Children { get; } = [];

    public static JsonTree? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
            return Of(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // spoiled before, by bytes that are not UTF-8 perhaps
        }
    }

    /// <summary>A leaf of this text, right or wrong.</summary>
    public static JsonTree Leaf(string raw) => new(JsonValueKind.Undefined, raw);

    public JsonTree Clone()
    {
        var copy = new JsonTree(Kind, Raw);
        copy.Children.AddRange(Children.Select(child => (child.Key, child.Value.Clone())));
        return copy;
    }

    /// <summary>Every value, this one first.</summary>
    public IEnumerable<JsonTree> All() => Children.SelectMany(child => child.Value.All()).Prepend(this);

    /// <summary>Becomes what another is.</summary>
    public void Become(JsonTree other)
    {
        (Kind, Raw) = (other.Kind, other.Raw);
        var children = other.Children.Select(child => (child.Key, child.Value.Clone())).ToList();
        Children.Clear();
        Children.AddRange(children);
    }

    /// <summary>Becomes a list or object that holds what this was.</summary>
    public void Wrap(bool asList)
    {
        var inner = Clone();
        Children.Clear();
        (Kind, Raw) = (asList ? JsonValueKind.Array : JsonValueKind.Object, "");
        Children.Add((asList ? "" : "\"a\"", inner));
    }

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        Write(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonTree Of(JsonElement element)
    {
        var tree = new JsonTree(element.ValueKind, "");
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                tree.Children.AddRange(element.EnumerateObject().Select(member => (KeyOf(member), Of(member.Value))));
                break;
            case JsonValueKind.Array:
                tree.Children.AddRange(element.EnumerateArray().Select(item => ("", Of(item))));
                break;
            default:
                tree.Raw = element.GetRawText();
                break;
        }

        return tree;
    }

    /// <summary>The key as it is written, quotes included; one with half a surrogate pair has no other form.</summary>
    private static string KeyOf(JsonProperty member)
    {
        var text = member.ToString();
        var value = member.Value.GetRawText();
        return text[..text.LastIndexOf(value, StringComparison.Ordinal)].TrimEnd()[..^1];
    }

    private void Write(StringBuilder text)
    {
        switch (Kind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                Join(text, child => text.Append(child.Key).Append(':'));
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                Join(text, _ => { });
                text.Append(']');
                break;
            default:
                text.Append(Raw);
                break;
        }
    }

    private void Join(StringBuilder text, Action<(string Key, JsonTree Value)> before)
    {
        for (var i = 0; i < Children.Count; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            before(Children[i]);
            Children[i].Value.Write(text);
        }
    }
}
