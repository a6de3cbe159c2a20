namespace OneComp.Export.Gguf;

/// <summary>A tensor that a GGUF file is going to hold.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Its type.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Columns, which lie side by side.</param>
/// <param name="IsVector">True for a tensor of one dimension.</param>
internal sealed record GgufTensor(string Name, GgufTensorType Type, long Rows, long Columns, bool IsVector)
{
    public long ByteCount => Rows * Type.RowBytes(Columns);
}
