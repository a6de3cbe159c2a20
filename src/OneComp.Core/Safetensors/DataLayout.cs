namespace OneComp.Safetensors;

/// <summary>Checks that the tensors fill the data buffer exactly: from 0 to its end, without gap or overlap.</summary>
internal static class DataLayout
{
    /// <summary>One tensor's offsets, relative to the data buffer, against the buffer and its own size.</summary>
    public static void CheckOffsets(string name, long begin, long end, long bytes, string path, long dataLength)
    {
        if (begin > end) throw Fault(SafetensorsError.OffsetsReversed, "begin after they end");
        if (begin < 0 || end > dataLength)
        {
            throw Fault(
                SafetensorsError.OffsetsOutsideFile,
                $"go outside the file's data of {dataLength} bytes; the file is cut short or damaged");
        }

        if (end - begin != bytes)
        {
            throw Fault(SafetensorsError.ByteCountMismatch, $"span {end - begin} bytes, but its shape and dtype need {bytes}");
        }

        SafetensorsException Fault(SafetensorsError error, string what) =>
            new(error, path, $"The data_offsets [{begin}, {end}] of tensor {Quoted.Text(name)} in '{path}' {what}.");
    }

    /// <summary>All tensors together; their offsets are from the start of the file.</summary>
    public static void Check(IEnumerable<TensorEntry> tensors, string path, long dataStart, long dataLength)
    {
        long expected = dataStart;
        TensorEntry? previous = null;
        foreach (TensorEntry tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.ByteCount))
        {
            if (tensor.Offset < expected)
            {
                throw new SafetensorsException(SafetensorsError.TensorsOverlap, path,
                    $"Tensors {Quoted.Text(previous!.Name)} and {Quoted.Text(tensor.Name)} in '{path}' "
                    + $"share {expected - tensor.Offset} bytes. The file is damaged.");
            }

            if (tensor.Offset > expected)
            {
                throw new SafetensorsException(SafetensorsError.TensorsGap, path,
                    $"The {tensor.Offset - expected} bytes before tensor {Quoted.Text(tensor.Name)} in '{path}' "
                    + "belong to no tensor. The file is damaged.");
            }

            expected = tensor.Offset + tensor.ByteCount;
            previous = tensor;
        }

        if (expected != dataStart + dataLength)
        {
            throw new SafetensorsException(SafetensorsError.TrailingBytes, path,
                $"The last {dataStart + dataLength - expected} bytes of '{path}' belong to no tensor. The file is damaged.");
        }
    }
}
