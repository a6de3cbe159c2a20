using System.Text.Json;

namespace OneComp.Safetensors;

/// <summary>Reads the three fields of one tensor in a header; checks each for itself, not yet against the file.</summary>
internal ref struct TensorFields(string name, string path)
{
    private const int MaxDimensions = 64; // as many as the tensor library has

    private string? _type;
    private List<long>? _shape;
    private List<long>? _offsets;

    /// <summary>Element type; set by <see cref="Read"/>.</summary>
    public DType Type { get; private set; }

    public readonly IReadOnlyList<long> Shape => _shape!;

    public readonly long Begin => _offsets![0];

    public readonly long End => _offsets![1];

    /// <summary>Reads from the object's start to its end. Fields that the format does not know are passed over.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fault(SafetensorsError.TensorIllTyped, "must be a JSON object with dtype, shape and data_offsets");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype":
                    ThrowIfSecond(_type, field);
                    _type = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw IllTyped(field, "a string");
                    break;
                case "shape":
                    ThrowIfSecond(_shape, field);
                    _shape = ReadIntegers(ref reader, field);
                    break;
                case "data_offsets":
                    ThrowIfSecond(_offsets, field);
                    _offsets = ReadIntegers(ref reader, field);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Type = ParseType(_type ?? throw Missing("dtype"));
        _ = _shape ?? throw Missing("shape");
        _ = _offsets ?? throw Missing("data_offsets");
        if (_offsets.Count != 2) throw IllTyped("data_offsets", $"two whole numbers, not {_offsets.Count}");
    }

    private readonly DType ParseType(string text)
    {
        if (DTypes.TryParse(text, out DType type)) return type;
        throw DTypes.IsKnownButUnsupported(text)
            ? Fault(SafetensorsError.DTypeNotSupported, $"is {text}, which is not supported; supported are {DTypes.Supported}")
            : Fault(SafetensorsError.DTypeUnknown, $"has the unknown dtype {Quoted.Text(text)}; known are {DTypes.Supported}");
    }

    private readonly List<long> ReadIntegers(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw IllTyped(field, "an array of whole numbers");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (values.Count == MaxDimensions) throw Fault(SafetensorsError.TooManyDimensions, $"has a {field} of more than {MaxDimensions} numbers");
            values.Add(TryGetInteger(ref reader, out long value) ? value : throw IllTyped(field, "an array of whole numbers"));
        }

        return values;
    }

    /// <summary>A whole number; one beyond 64 bits becomes the nearest that fits, which no later check lets pass.</summary>
    private static bool TryGetInteger(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number) return false;
        if (reader.TryGetInt64(out value)) return true;
        bool negative = reader.ValueSpan[0] == (byte)'-';
        value = negative ? long.MinValue : long.MaxValue;
        return !reader.ValueSpan[(negative ? 1 : 0)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private readonly void ThrowIfSecond(object? present, string field)
    {
        if (present is not null) throw Fault(SafetensorsError.DuplicateName, $"has the field {field} twice");
    }

    private readonly SafetensorsException Missing(string field) =>
        Fault(SafetensorsError.FieldMissing, $"has no {field}; it needs dtype, shape and data_offsets");

    private readonly SafetensorsException IllTyped(string field, string expected) =>
        Fault(SafetensorsError.FieldIllTyped, $"has a {field} that is not {expected}");

    private readonly SafetensorsException Fault(SafetensorsError error, string what) =>
        new(error, path, $"Tensor {Quoted.Text(name)} in '{path}' {what}.");
}
