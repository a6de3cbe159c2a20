using System.Globalization;

namespace OneComp.Calibration.Parquet;

/// <summary>Looks at the pages of a column before they are read: they lie in the file, and neither rows nor unpacked bytes are out of proportion.</summary>
internal static class ParquetPages
{
    private const int UsualHeaderBytes = 512;
    private const int MostHeaderBytes = 1 << 14; // it may hold the least and greatest value, which writers cut at 4096 bytes
    private const int Snappy = 1; // of the format's codecs
    private const int SnappyHeadBytes = 5;
    private const long FreePageBytes = 16L << 20;
    private const long MostRatio = 200;

    /// <summary>Looks at the pages of a column chunk.</summary>
    /// <exception cref="InvalidDataException">They are not as they should be; the message says what.</exception>
    public static void Require(Stream file, Dictionary<int, object> chunk)
    {
        var (at, left) = (chunk.Number(9), chunk.Number(7));
        if (chunk.ContainsKey(11) && chunk.Number(11) is var dictionary and > 0)
        {
            at = Math.Min(at, dictionary);
        }

        if (at < 0 || left < 0 || at > file.Length || left > file.Length - at)
        {
            throw new InvalidDataException("it has a column that lies outside the file.");
        }

        for (var values = 0L; left > 0 && values < chunk.Number(5);)
        {
            var (page, length) = PageHeader(file, at, left);
            var (unpacked, packed) = (page.Number(2), page.Number(3));
            if (packed < 0 || packed > left - length || unpacked < 0 || unpacked > FreePageBytes + (MostRatio * packed))
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it has a page of {packed} bytes that claims to unpack to {unpacked}."));
            }

            if (chunk.Number(4) == Snappy)
            {
                RequireSnappy(file, at + length + LevelBytes(page), unpacked);
            }

            foreach (var data in (int[])[5, 7, 8])
            {
                if (page.GetValueOrDefault(data) is Dictionary<int, object> inner)
                {
                    ParquetRows.Require(inner.Number(1), file.Length);
                    values += data == 7 ? 0 : inner.Number(1);
                }
            }

            (at, left) = (at + length + packed, left - length - packed);
        }
    }

    // A page of version 2 has its levels, which are not packed, before its data.
    private static long LevelBytes(Dictionary<int, object> page) =>
        page.GetValueOrDefault(8) is Dictionary<int, object> second ? Math.Max(0, second.Number(5)) + Math.Max(0, second.Number(6)) : 0;

    // Snappy's data begins with the size that it unpacks to, in sevens of bits, and room for that is made before it is believed.
    private static void RequireSnappy(Stream file, long at, long unpacked)
    {
        var claimed = 0L;
        var head = file.ReadAt(Math.Min(at, file.Length), (int)Math.Clamp(file.Length - at, 0, SnappyHeadBytes));
        for (var i = 0; i < head.Length; i++)
        {
            claimed |= (long)(head[i] & 0x7F) << (7 * i);
            if (head[i] < 0x80)
            {
                break;
            }
        }

        if (claimed > unpacked)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it has a page of {unpacked} bytes whose packed data claims {claimed}."));
        }
    }

    private static (Dictionary<int, object> Fields, int Length) PageHeader(Stream file, long at, long left)
    {
        var header = new ThriftReader(file.ReadAt(at, (int)Math.Min(left, UsualHeaderBytes)));
        try
        {
            var fields = header.Struct(ParquetShapes.PageHeader);
            return (fields, header.Position);
        }
        catch (InvalidDataException) when (left > UsualHeaderBytes)
        {
            header = new ThriftReader(file.ReadAt(at, (int)Math.Min(left, MostHeaderBytes)));
            var fields = header.Struct(ParquetShapes.PageHeader);
            return (fields, header.Position);
        }
    }
}
