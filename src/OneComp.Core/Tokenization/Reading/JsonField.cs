using System.Text.Json;
using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>A value of a tokenizer file, with its path for messages.</summary>
/// <param name="Value">The value.</param>
/// <param name="Path">Where it is: <c>model.merges[3]</c>; empty for the root.</param>
/// <param name="File">The file.</param>
internal readonly record struct JsonField(JsonElement Value, string Path, string File)
{
    /// <summary>A field of this object; null where it is absent or null.</summary>
    public JsonField? Optional(string name)
    {
        Expect(JsonValueKind.Object, "an object");
        JsonElement element = Value;
        JsonElement value = Unescaped(() => element.TryGetProperty(name, out JsonElement found) ? found : default);
        return value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)
            ? new(value, Path.Length == 0 ? name : $"{Path}.{name}", File)
            : null;
    }

    /// <summary>A field that must be there.</summary>
    public JsonField this[string name] => Optional(name) ?? throw Invalid($"has no '{name}'");

    /// <summary>The string that this is.</summary>
    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        JsonElement value = Value;
        return Unescaped(() => value.GetString()!);
    }

    /// <summary>The fields of the object that this is.</summary>
    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        JsonField self = this;
        return Value.EnumerateObject().Select(member =>
        {
            string name = self.Unescaped(() => member.Name);
            return (name, new JsonField(member.Value, $"{self.Path}['{name}']", self.File));
        });
    }

    /// <summary>The token id that this is.</summary>
    public int Id() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out int id) && id >= 0 && id < TokenizerLimits.MostIds
        ? id
        : throw Invalid($"is {Quoted.Cut(Value.GetRawText())}, not a token id (an integer from 0 to {TokenizerLimits.MostIds - 1})");

    /// <summary>A switch of this object.</summary>
    public bool Flag(string name, bool otherwise) => Optional(name) is not { } flag ? otherwise : flag.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw flag.Invalid("is neither true nor false"),
    };

    /// <summary>The elements of the list that this is.</summary>
    public IEnumerable<JsonField> Items()
    {
        Expect(JsonValueKind.Array, "a list");
        (JsonElement list, string path, string file) = this;
        return list.EnumerateArray().Select((item, index) => new JsonField(item, $"{path}[{index}]", file));
    }

    /// <summary>What to throw when the value breaks the format.</summary>
    public TokenizerException Invalid(string what, Exception? cause = null) =>
        Error(TokenizerError.InvalidField, $"{what}. Check that the file is a tokenizer of Hugging Face's format", cause);

    /// <summary>What to throw, with the file and path put before the text and a full stop after it.</summary>
    public TokenizerException Error(TokenizerError error, string what, Exception? cause = null) =>
        new(error, File, $"'{File}': {(Path.Length == 0 ? "the root" : Path)} {what}.", cause);

    private void Expect(JsonValueKind kind, string name)
    {
        if (Value.ValueKind != kind)
        {
            throw Invalid($"is not {name}");
        }
    }

    private T Unescaped<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw Invalid("holds half a surrogate pair", e);
        }
    }
}
