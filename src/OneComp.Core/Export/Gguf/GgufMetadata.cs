namespace OneComp.Export.Gguf;

/// <summary>
/// The key-value pairs at the head of a GGUF file, in the order in which they were added (GGUF specification, version 3: a key,
/// the number of the value's type, the value; strings are UTF-8 after a 64-bit length).
/// </summary>
internal sealed class GgufMetadata
{
    private const int TypeUInt32 = 4, TypeInt32 = 5, TypeFloat32 = 6, TypeBool = 7, TypeString = 8, TypeArray = 9;
    private readonly HashSet<string> _keys = [];
    private readonly GgufBytes _bytes = new();

    public int Count => _keys.Count;

    /// <summary>The pairs as they lie in the file.</summary>
    public ReadOnlySpan<byte> Written => _bytes.Written;

    public void Add(string key, uint value)
    {
        Begin(key, TypeUInt32);
        _bytes.Write(value);
    }

    public void Add(string key, float value)
    {
        Begin(key, TypeFloat32);
        _bytes.Write(value);
    }

    public void Add(string key, bool value)
    {
        Begin(key, TypeBool);
        _bytes.Write(value);
    }

    public void Add(string key, string value)
    {
        Begin(key, TypeString);
        _bytes.Write(value);
    }

    public void Add(string key, IReadOnlyList<string> values)
    {
        BeginArray(key, TypeString, values.Count);
        foreach (var value in values)
        {
            _bytes.Write(value);
        }
    }

    public void Add(string key, IReadOnlyList<int> values)
    {
        BeginArray(key, TypeInt32, values.Count);
        foreach (var value in values)
        {
            _bytes.Write(value);
        }
    }

    public void Add(string key, IReadOnlyList<float> values)
    {
        BeginArray(key, TypeFloat32, values.Count);
        foreach (var value in values)
        {
            _bytes.Write(value);
        }
    }

    private void BeginArray(string key, int type, int count)
    {
        Begin(key, TypeArray);
        _bytes.Write(type);
        _bytes.Write((ulong)count);
    }

    private void Begin(string key, int type)
    {
        if (!_keys.Add(key))
        {
            throw new ArgumentException($"{key} is there twice", nameof(key));
        }

        _bytes.Write(key);
        _bytes.Write(type);
    }
}
