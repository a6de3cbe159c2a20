namespace OneComp.Safetensors;

/// <summary>The bytes that a shape and an element type need, in checked arithmetic.</summary>
internal static class TensorSize
{
    /// <summary>The product of the shape times the element size; 1 element for a scalar.</summary>
    /// <exception cref="SafetensorsException">A dimension is negative, or the size does not fit 64 bits.</exception>
    public static long InBytes(string name, DType type, IReadOnlyList<long> shape, string path)
    {
        long count = DTypes.SizeOf(type);
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                throw new SafetensorsException(SafetensorsError.ShapeNegative, path,
                    $"Tensor {Quoted.Text(name)} in '{path}' has shape {Quoted.Shape(shape)}: a dimension must be 0 or more.");
            }

            // In the order given and without looking ahead for a zero: the reference implementation refuses such shapes too.
            if (Math.BigMul(count, dimension, out long low) != 0 || low < 0)
            {
                throw new SafetensorsException(SafetensorsError.ShapeOverflow, path,
                    $"Tensor {Quoted.Text(name)} in '{path}' has shape {Quoted.Shape(shape)}: too large for 64 bits.");
            }

            count = low;
        }

        return count;
    }
}
