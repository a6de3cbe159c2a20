using System.Buffers.Binary;
using OneComp.Calibration;
using OneComp.Calibration.Parquet;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

/// <summary>Parquet files that say of themselves what is not so.</summary>
public sealed class ParquetCheckTests : IDisposable
{
    private const int I32 = 5;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_by_hand_is_as_it_should_be() => ParquetCheck.Open(new MemoryStream(File(Footer()))).RequirePages(0, "text");

    [Fact]
    public void The_library_reads_what_passes() => Assert.Equal(["ab"], TextSource.ReadDocuments(Save(File(Footer()))));

    [Fact]
    public void More_rows_than_bytes_can_hold_are_refused() => Refused(File(Footer(rows: 1L << 40)), "claims 1099511627776 rows");

    [Fact]
    public void So_is_a_page_that_claims_to_unpack_to_gigabytes() => Refused(File(Footer(), unpacked: int.MaxValue), "claims to unpack to 2147483647");

    [Fact]
    public void And_one_of_more_values_than_bytes_can_hold() => Refused(File(Footer(values: int.MaxValue, size: 64), values: int.MaxValue), "claims 2147483647 rows");

    [Fact]
    public void A_column_lies_in_the_file() => Refused(File(Footer(offset: 1 << 20)), "outside the file");

    [Fact]
    public void A_schema_is_not_nested_without_end() =>
        Refused(File(Footer([.. Enumerable.Range(0, 1000).Select(_ => Group(1)), Leaf()])), "nested too deep");

    [Fact]
    public void A_schema_has_the_columns_that_it_counts() => Refused(File(Footer([Group(1_000_000), Leaf()])), "more columns than there are");

    [Fact]
    public void A_list_has_no_more_elements_than_bytes() =>
        Refused(File(new ThriftBytes().Whole(1, 1, I32).ListOf(2, int.MaxValue, Leaf())), "a list of 2147483647");

    [Fact]
    public void A_field_has_the_type_that_the_format_gives_it() => Refused(File(new ThriftBytes().Text(1, "one")), "field 1 of its metadata is of type Binary, expected I32");

    [Fact]
    public void Metadata_is_not_nested_without_end()
    {
        var deep = new ThriftBytes();
        for (var i = 0; i < 100; i++)
        {
            deep = new ThriftBytes().Struct(15, deep);
        }

        Refused(File(deep), "nested too deep");
    }

    private void Refused(byte[] file, string message)
    {
        var path = Save(file);
        var error = Samples.Fails(CalibrationError.CorruptFile, () => TextSource.ReadDocuments(path).Count());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private string Save(byte[] file)
    {
        System.IO.File.WriteAllBytes(_folder.File("text.parquet"), file);
        return _folder.File("text.parquet");
    }

    private static ThriftBytes Group(int children) => new ThriftBytes().Text(4, "g").Whole(5, children, I32);

    // type BYTE_ARRAY, required, converted to UTF-8
    private static ThriftBytes Leaf() => new ThriftBytes().Whole(1, 6, I32).Whole(3, 0, I32).Text(4, "text").Whole(6, 0, I32);

    private static ThriftBytes Footer(ThriftBytes[]? schema = null, long rows = 1, long values = 1, long offset = 4, int? size = null)
    {
        // plain encoding, no compression; 9 is where the data page is
        var data = new ThriftBytes().Whole(1, 6, I32);
        data = Names(data).Whole(4, 0, I32).Whole(5, values).Whole(6, size ?? Page().Length).Whole(7, size ?? Page().Length).Whole(9, offset);
        var column = new ThriftBytes().Whole(2, 0).Struct(3, data);
        var group = new ThriftBytes().List(1, column).Whole(2, Page().Length).Whole(3, rows);
        return new ThriftBytes().Whole(1, 1, I32).List(2, schema ?? [Group(1), Leaf()]).Whole(3, rows).List(4, group);
    }

    // 2: encodings, a list of one I32 that is 0; 3: path, a list of one text.
    private static ThriftBytes Names(ThriftBytes data) => data.Raw(2, 9, [0x15, 0]).Raw(3, 9, [0x18, 4, .. "text"u8]);

    private static byte[] Page(int unpacked = 6, int values = 1) =>
        [.. new ThriftBytes().Whole(1, 0, I32).Whole(2, unpacked, I32).Whole(3, 6, I32)
            .Struct(5, new ThriftBytes().Whole(1, values, I32).Whole(2, 0, I32).Whole(3, 3, I32).Whole(4, 3, I32)).End(), 2, 0, 0, 0, (byte)'a', (byte)'b'];

    private static byte[] File(ThriftBytes footer, int unpacked = 6, int values = 1)
    {
        var (page, end) = (Page(unpacked, values), footer.End());
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, end.Length);
        return [.. "PAR1"u8, .. page, .. end, .. length, .. "PAR1"u8];
    }
}
