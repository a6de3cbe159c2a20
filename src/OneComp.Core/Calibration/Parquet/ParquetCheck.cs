using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OneComp.Calibration.Parquet;

/// <summary>
/// Looks through a parquet file before the library does, which believes what a file says of its sizes: the metadata has the types that the format
/// gives it, schemas are not nested without end, pages lie in the file, and neither rows nor unpacked bytes are out of proportion.
/// </summary>
internal sealed class ParquetCheck
{
    private const int TailBytes = 8; // length of the metadata, and PAR1
    private const int UsualHeaderBytes = 512;
    private const int MostHeaderBytes = 1 << 14; // it may hold the least and greatest value, which writers cut at 4096 bytes
    private const int Snappy = 1; // of the format's codecs
    private const int SnappyHeadBytes = 5;
    private const int MostColumns = 10_000;
    private const int MostDepth = 32;

    // A row of text takes bytes, were it packed ever so well; room for its place is made beforehand.
    private const long FreeRows = 100_000;
    private const long RowsPerByte = 8;
    private const long FreePageBytes = 16L << 20;
    private const long MostRatio = 200;

    private readonly Stream _file;
    private readonly List<Dictionary<int, object>> _groups;

    private ParquetCheck(Stream file, List<Dictionary<int, object>> groups) => (_file, _groups) = (file, groups);

    /// <summary>Looks at the metadata of a file, and leaves the stream at its start.</summary>
    /// <exception cref="InvalidDataException">It is not as it should be; the message says what.</exception>
    public static ParquetCheck Open(Stream file)
    {
        var metadata = new ThriftReader(Footer(file)).Struct(ParquetShapes.FileMetaData);
        RequireSchema(List(metadata, 2));
        var groups = Structs(metadata, 4).ToList();
        groups.ForEach(group => RequireRows(Number(group, 3), file.Length));
        file.Position = 0;
        return new ParquetCheck(file, groups);
    }

    /// <summary>Looks at the pages of a column before they are read, and leaves the stream where it was.</summary>
    /// <param name="group">Index of the row group.</param>
    /// <param name="column">Name of a column at the top of the schema.</param>
    /// <exception cref="InvalidDataException">They are not as they should be; the message says what.</exception>
    public void RequirePages(int group, string column)
    {
        var position = _file.Position;
        var name = Encoding.UTF8.GetBytes(column);
        foreach (var chunk in Structs(_groups[group], 1).Select(found => found.GetValueOrDefault(3)).OfType<Dictionary<int, object>>())
        {
            if (List(chunk, 3) is [ReadOnlyMemory<byte> path, ..] && path.Span.SequenceEqual(name))
            {
                RequirePages(_file, chunk);
            }
        }

        _file.Position = position;
    }

    private static byte[] Footer(Stream file)
    {
        var length = file.Length;
        if (length < TailBytes + sizeof(int))
        {
            throw new InvalidDataException("it is too short for a parquet file.");
        }

        var tail = Read(file, length - TailBytes, TailBytes);
        var size = BinaryPrimitives.ReadInt32LittleEndian(tail);
        return tail.AsSpan(sizeof(int)).SequenceEqual("PAR1"u8) && size > 0 && size <= length - TailBytes - sizeof(int)
            ? Read(file, length - TailBytes - size, size)
            : throw new InvalidDataException("it does not end as a parquet file.");
    }

    // Elements come in the order of a walk, each group with the number of its children.
    private static void RequireSchema(List<object> elements)
    {
        var open = new Stack<long>();
        foreach (var element in elements.Cast<Dictionary<int, object>>())
        {
            while (open.TryPeek(out var left) && left == 0)
            {
                open.Pop();
            }

            if (open.TryPop(out var more))
            {
                open.Push(more - 1);
            }

            var children = element.ContainsKey(5) ? Number(element, 5) : 0;
            if (children < 0 || children > elements.Count)
            {
                throw new InvalidDataException("its schema has groups of more columns than there are.");
            }

            open.Push(children);
            if (open.Count > MostDepth)
            {
                throw new InvalidDataException("its schema is nested too deep.");
            }
        }

        if (elements.Count > MostColumns || open.Sum() > 0)
        {
            throw new InvalidDataException("its schema breaks off or has too many columns.");
        }
    }

    private static void RequireRows(long rows, long bytes)
    {
        if (rows < 0 || rows > FreeRows + (RowsPerByte * bytes))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it claims {rows} rows in a group, more than {bytes} bytes can hold as text."));
        }
    }

    private static void RequirePages(Stream file, Dictionary<int, object> chunk)
    {
        var (at, left) = (Number(chunk, 9), Number(chunk, 7));
        if (chunk.ContainsKey(11) && Number(chunk, 11) is var dictionary and > 0)
        {
            at = Math.Min(at, dictionary);
        }

        if (at < 0 || left < 0 || at > file.Length || left > file.Length - at)
        {
            throw new InvalidDataException("it has a column that lies outside the file.");
        }

        for (var values = 0L; left > 0 && values < Number(chunk, 5);)
        {
            var (page, length) = PageHeader(file, at, left);
            var (unpacked, packed) = (Number(page, 2), Number(page, 3));
            if (packed < 0 || packed > left - length || unpacked < 0 || unpacked > FreePageBytes + (MostRatio * packed))
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it has a page of {packed} bytes that claims to unpack to {unpacked}."));
            }

            if (Number(chunk, 4) == Snappy)
            {
                RequireSnappy(file, at + length + LevelBytes(page), unpacked);
            }

            foreach (var data in (int[])[5, 7, 8])
            {
                if (page.GetValueOrDefault(data) is Dictionary<int, object> inner)
                {
                    RequireRows(Number(inner, 1), file.Length);
                    values += data == 7 ? 0 : Number(inner, 1);
                }
            }

            (at, left) = (at + length + packed, left - length - packed);
        }
    }

    // A page of version 2 has its levels, which are not packed, before its data.
    private static long LevelBytes(Dictionary<int, object> page) =>
        page.GetValueOrDefault(8) is Dictionary<int, object> second ? Math.Max(0, Number(second, 5)) + Math.Max(0, Number(second, 6)) : 0;

    // Snappy's data begins with the size that it unpacks to, in sevens of bits, and room for that is made before it is believed.
    private static void RequireSnappy(Stream file, long at, long unpacked)
    {
        var claimed = 0L;
        var head = Read(file, Math.Min(at, file.Length), (int)Math.Clamp(file.Length - at, 0, SnappyHeadBytes));
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
        var header = new ThriftReader(Read(file, at, (int)Math.Min(left, UsualHeaderBytes)));
        try
        {
            var fields = header.Struct(ParquetShapes.PageHeader);
            return (fields, header.Position);
        }
        catch (InvalidDataException) when (left > UsualHeaderBytes)
        {
            header = new ThriftReader(Read(file, at, (int)Math.Min(left, MostHeaderBytes)));
            var fields = header.Struct(ParquetShapes.PageHeader);
            return (fields, header.Position);
        }
    }

    private static byte[] Read(Stream file, long at, int count)
    {
        file.Position = at;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static List<object> List(Dictionary<int, object> fields, int id) => fields.GetValueOrDefault(id) as List<object> ?? throw new InvalidDataException("its metadata lacks a list.");

    private static IEnumerable<Dictionary<int, object>> Structs(Dictionary<int, object> fields, int id) => List(fields, id).Cast<Dictionary<int, object>>();

    private static long Number(Dictionary<int, object> fields, int id) => fields.GetValueOrDefault(id) as long? ?? throw new InvalidDataException($"its metadata lacks field {id}.");
}
