using System.Diagnostics.CodeAnalysis;

namespace OneComp.Export.Gguf;

/// <summary>Tensor types of GGUF that are written here; the values are the format's own.</summary>
[SuppressMessage("Naming", "CA1707", Justification = "The names are GGUF's own.")]
internal enum GgufTensorType
{
    /// <summary>Single precision.</summary>
    F32 = 0,

    /// <summary>Half precision.</summary>
    F16 = 1,

    /// <summary>Blocks of 32: F16 scale d, 32 codes of 4 bits; w = d·(code - 8).</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32: F16 scale d, F16 least value m, 32 codes of 4 bits; w = d·code + m.</summary>
    Q4_1 = 3,

    /// <summary>Blocks of 32: F16 scale d, 32 signed bytes; w = d·q.</summary>
    Q8_0 = 8,
}

/// <summary>Sizes of the tensor types.</summary>
internal static class GgufTensorTypes
{
    /// <summary>Weights of a block, which never crosses a row.</summary>
    public const int BlockLength = 32;

    /// <summary>Whether the type is one of blocks.</summary>
    public static bool IsBlocks(this GgufTensorType type) => type is not (GgufTensorType.F32 or GgufTensorType.F16);

    /// <summary>Bytes of a row.</summary>
    public static long RowBytes(this GgufTensorType type, long columns) => type switch
    {
        GgufTensorType.F32 => 4 * columns,
        GgufTensorType.F16 => 2 * columns,
        _ => columns / BlockLength * BlockBytes(type),
    };

    /// <summary>Bytes of a block.</summary>
    public static int BlockBytes(this GgufTensorType type) => type switch
    {
        GgufTensorType.Q4_0 => 2 + 16,
        GgufTensorType.Q4_1 => 2 + 2 + 16,
        GgufTensorType.Q8_0 => 2 + 32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "has no blocks"),
    };
}
