namespace OneComp.Calibration.Parquet;

/// <summary>Parts of a file.</summary>
internal static class StreamParts
{
    /// <summary>So many bytes from a place on, after which the stream stands.</summary>
    public static byte[] ReadAt(this Stream file, long at, int count)
    {
        file.Position = at;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }
}
