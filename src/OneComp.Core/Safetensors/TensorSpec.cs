namespace OneComp.Safetensors;

/// <summary>A tensor that a file is going to hold: its place is fixed before its data is known.</summary>
/// <param name="Name">The tensor's name, unique in its file.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
public sealed record TensorSpec(string Name, DType DType, IReadOnlyList<long> Shape);
