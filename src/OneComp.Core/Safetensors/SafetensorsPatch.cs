namespace OneComp.Safetensors;

/// <summary>Replaces a tensor's bytes in a file that stays as it is otherwise.</summary>
internal static class SafetensorsPatch
{
    /// <summary>Writes them and brings them to the disk.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="data">As many bytes as it has.</param>
    /// <exception cref="ArgumentException"><paramref name="data"/> has another length.</exception>
    /// <exception cref="SafetensorsException">The file cannot be written.</exception>
    public static void Write(TensorEntry tensor, ReadOnlySpan<byte> data)
    {
        if (data.Length != tensor.ByteCount)
        {
            throw new ArgumentException($"{data.Length} bytes for {tensor.Name}, which has {tensor.ByteCount}", nameof(data));
        }

        try
        {
            using var file = File.OpenHandle(tensor.File, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, data, tensor.Offset);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Writing(tensor.File, null, e);
        }
    }
}
