namespace OneComp.Safetensors;

/// <summary>A tensor in a safetensors file: what it is and where its bytes lie.</summary>
/// <param name="Name">The tensor's name, unique in its file.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar. Data is row-major and little-endian.</param>
/// <param name="File">Full path of the file that holds it.</param>
/// <param name="Offset">Where its first byte is, counted from the start of the file.</param>
/// <param name="ByteCount">Its bytes: the product of the shape times the element size.</param>
public sealed record TensorEntry(string Name, DType DType, IReadOnlyList<long> Shape, string File, long Offset, long ByteCount)
{
    /// <summary>Number of elements: the product of the shape, 1 for a scalar.</summary>
    public long ElementCount => ByteCount / DTypes.SizeOf(DType);
}
