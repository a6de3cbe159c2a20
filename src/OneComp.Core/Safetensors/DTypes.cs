namespace OneComp.Safetensors;

/// <summary>Sizes and names of the element types, as the safetensors format gives them.</summary>
public static class DTypes
{
    private static readonly (DType Type, string Name, int Size)[] Table =
    [
        (DType.Bool, "BOOL", 1),
        (DType.U8, "U8", 1),
        (DType.I8, "I8", 1),
        (DType.I32, "I32", 4),
        (DType.I64, "I64", 8),
        (DType.F16, "F16", 2),
        (DType.BF16, "BF16", 2),
        (DType.F32, "F32", 4),
    ];

    // In the format, but nothing here computes with them: told apart from a misspelt name.
    private static readonly string[] Unsupported =
    [
        "F64", "C64", "I16", "U16", "U32", "U64", "F4", "F6_E2M3", "F6_E3M2",
        "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0",
    ];

    /// <summary>The names that <see cref="TryParse"/> knows, for messages.</summary>
    internal static string Supported { get; } = string.Join(", ", Table.Select(row => row.Name));

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(DType type) => Row(type).Size;

    /// <summary>The name in a file's header: <c>BF16</c>.</summary>
    public static string NameOf(DType type) => Row(type).Name;

    /// <summary>Reads a name of a file's header; upper case only, as the format has it.</summary>
    /// <returns>False when the name is unknown or the type is not supported here.</returns>
    public static bool TryParse(string? name, out DType type)
    {
        foreach ((DType candidate, string candidateName, _) in Table)
        {
            if (candidateName == name)
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }

    /// <summary>True for a type of the format that is not read or written here.</summary>
    internal static bool IsKnownButUnsupported(string name) => Unsupported.Contains(name);

    private static (DType Type, string Name, int Size) Row(DType type)
    {
        foreach (var row in Table)
        {
            if (row.Type == type) return row;
        }

        throw new ArgumentOutOfRangeException(nameof(type), type, "not a DType");
    }
}
