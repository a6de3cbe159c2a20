using System.Globalization;

namespace OneComp.Calibration.Parquet;

/// <summary>How many rows a file can have.</summary>
internal static class ParquetRows
{
    // A row of text takes bytes, were it packed ever so well; room for its place is made beforehand.
    private const long FreeRows = 100_000;
    private const long RowsPerByte = 8;

    /// <summary>Looks at a number of rows.</summary>
    /// <exception cref="InvalidDataException">A file of so many bytes cannot hold them.</exception>
    public static void Require(long rows, long bytes)
    {
        if (rows < 0 || rows > FreeRows + (RowsPerByte * bytes))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it claims {rows} rows in a group, more than {bytes} bytes can hold as text."));
        }
    }
}
