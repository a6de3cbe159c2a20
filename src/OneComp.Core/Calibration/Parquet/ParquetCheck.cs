using System.Buffers.Binary;
using System.Text;

namespace OneComp.Calibration.Parquet;

/// <summary>
/// Looks through a parquet file before the library does, which believes what a file says of its sizes: the metadata has the types that the format
/// gives it, schemas are not nested without end, pages lie in the file, and neither rows nor unpacked bytes are out of proportion.
/// </summary>
internal sealed class ParquetCheck
{
    private const int TailBytes = 8; // length of the metadata, and PAR1
    private const int MostColumns = 10_000;
    private const int MostDepth = 32;

    private readonly Stream _file;
    private readonly List<Dictionary<int, object>> _groups;

    private ParquetCheck(Stream file, List<Dictionary<int, object>> groups) => (_file, _groups) = (file, groups);

    /// <summary>Looks at the metadata of a file, and leaves the stream at its start.</summary>
    /// <exception cref="InvalidDataException">It is not as it should be; the message says what.</exception>
    public static ParquetCheck Open(Stream file)
    {
        var metadata = new ThriftReader(Footer(file)).Struct(ParquetShapes.FileMetaData);
        RequireSchema(metadata.List(2));
        var groups = metadata.Structs(4).ToList();
        groups.ForEach(group => ParquetRows.Require(group.Number(3), file.Length));
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
        foreach (var chunk in _groups[group].Structs(1).Select(found => found.GetValueOrDefault(3)).OfType<Dictionary<int, object>>())
        {
            if (chunk.List(3) is [ReadOnlyMemory<byte> path, ..] && path.Span.SequenceEqual(name))
            {
                ParquetPages.Require(_file, chunk);
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

        var tail = file.ReadAt(length - TailBytes, TailBytes);
        var size = BinaryPrimitives.ReadInt32LittleEndian(tail);
        return tail.AsSpan(sizeof(int)).SequenceEqual("PAR1"u8) && size > 0 && size <= length - TailBytes - sizeof(int)
            ? file.ReadAt(length - TailBytes - size, size)
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

            var children = element.ContainsKey(5) ? element.Number(5) : 0;
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
}
