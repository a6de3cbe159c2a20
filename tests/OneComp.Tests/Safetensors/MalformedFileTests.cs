using System.Text;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class MalformedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new byte[0], "SafetensorsFileTooShort")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0 }, "SafetensorsFileTooShort")]
    [InlineData(new byte[] { 1, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "SafetensorsHeaderTooLarge")] // 100,000,001
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, (byte)'{', (byte)'}' }, "SafetensorsHeaderTooLarge")]
    [InlineData(new byte[] { 0, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "SafetensorsHeaderBeyondFile")] // 100,000,000
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "SafetensorsHeaderBeyondFile")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "SafetensorsHeaderNotObject")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', 0xFF, (byte)'}' }, "SafetensorsHeaderNotUtf8")]
    public void A_wrong_beginning_is_named(byte[] content, string errorId) => AssertFails(content, errorId);

    [Theory]
    // The header as a whole.
    [InlineData("[]", 0, "SafetensorsHeaderNotObject")]
    [InlineData(" {}", 0, "SafetensorsHeaderNotObject")]
    [InlineData("{", 0, "SafetensorsHeaderNotJson")]
    [InlineData("{'a':1}", 0, "SafetensorsHeaderNotJson")]
    [InlineData("{} x", 0, "SafetensorsHeaderNotJson")]
    [InlineData("{}\0", 0, "SafetensorsHeaderNotJson")]
    [InlineData("{/* no */}", 0, "SafetensorsHeaderNotJson")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "SafetensorsHeaderNotJson")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
        "SafetensorsDuplicateName")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
        "SafetensorsDuplicateName")]
    // __metadata__.
    [InlineData("""{"__metadata__":"pt"}""", 0, "SafetensorsMetadataIllTyped")]
    [InlineData("""{"__metadata__":null}""", 0, "SafetensorsMetadataIllTyped")]
    [InlineData("""{"__metadata__":{"format":1}}""", 0, "SafetensorsMetadataIllTyped")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""", 0, "SafetensorsMetadataIllTyped")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "SafetensorsDuplicateName")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "SafetensorsDuplicateName")]
    // A tensor's fields.
    [InlineData("""{"a":[]}""", 0, "SafetensorsTensorIllTyped")]
    [InlineData("""{"a":1}""", 0, "SafetensorsTensorIllTyped")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldMissing")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,1]}}""", 1, "SafetensorsFieldMissing")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1]}}""", 1, "SafetensorsFieldMissing")]
    [InlineData("""{"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":{"begin":0}}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}""", 1, "SafetensorsFieldIllTyped")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "SafetensorsDuplicateName")]
    // Element type.
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "SafetensorsDTypeUnknown")]
    [InlineData("""{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "SafetensorsDTypeUnknown")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8, "SafetensorsDTypeNotSupported")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "SafetensorsDTypeNotSupported")]
    // Shape.
    [InlineData("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1, "SafetensorsShapeNegative")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}""", 1, "SafetensorsShapeNegative")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-99999999999999999999],"data_offsets":[0,1]}}""", 1, "SafetensorsShapeNegative")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "SafetensorsShapeOverflow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2305843009213693952,2],"data_offsets":[0,0]}}""", 0, "SafetensorsShapeOverflow")]
    [InlineData("""{"a":{"dtype":"I64","shape":[99999999999999999999],"data_offsets":[0,1]}}""", 1, "SafetensorsShapeOverflow")]
    // Offsets.
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1, "SafetensorsOffsetsReversed")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 1, "SafetensorsOffsetsOutsideFile")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}""", 1, "SafetensorsOffsetsOutsideFile")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}""", 1, "SafetensorsOffsetsOutsideFile")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 1, "SafetensorsOffsetsOutsideFile")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "SafetensorsByteCountMismatch")]
    [InlineData("""{"a":{"dtype":"U8","shape":[],"data_offsets":[0,2]}}""", 2, "SafetensorsByteCountMismatch")]
    // All tensors together.
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "SafetensorsTensorsGap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3,
        "SafetensorsTensorsGap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3,
        "SafetensorsTensorsOverlap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2,
        "SafetensorsTensorsOverlap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}""", 2,
        "SafetensorsTensorsOverlap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 2, "SafetensorsTrailingBytes")]
    [InlineData("{}", 1, "SafetensorsTrailingBytes")]
    public void A_wrong_header_is_named(string header, int dataLength, string errorId) =>
        AssertFails(RawFile.Bytes(header, dataLength), errorId);

    [Fact]
    public void Deep_nesting_is_refused_not_followed() =>
        AssertFails(RawFile.Bytes("{\"a\":{\"x\":" + new string('[', 100_000), 0), "SafetensorsHeaderNotJson");

    [Fact]
    public void A_message_names_the_file_the_tensor_and_the_values()
    {
        string path = Put(RawFile.Bytes("""{"w":{"dtype":"F32","shape":[3,5],"data_offsets":[0,44]}}""", 44));

        string message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message;

        Assert.Equal($"The data_offsets [0, 44] of tensor 'w' in '{path}' span 44 bytes, but its shape and dtype need 60.", message);
    }

    [Fact]
    public void A_name_of_a_million_characters_does_not_fill_the_message()
    {
        string path = Put(RawFile.Bytes($$"""{"{{new string('n', 1_000_000)}}":1}""", 0));

        string message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message;

        Assert.InRange(message.Length, 1, 1000);
    }

    [Fact]
    public void A_claimed_header_size_is_not_allocated()
    {
        string path = Put([0, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}']); // claims 100,000,000 bytes
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = RawFile.WithTensors("a", "b", "c");
        for (int length = 0; length < whole.Length; length++)
        {
            string path = Put(whole[..length]);
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void A_header_with_any_one_byte_changed_is_read_or_refused_by_a_named_error()
    {
        byte[] header = Encoding.UTF8.GetBytes(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""");
        int read = 0;
        int refused = 0;
        for (int i = 0; i < header.Length; i++)
        {
            byte right = header[i];
            for (int value = 0; value <= 128; value++) // ASCII, and one byte that is not UTF-8
            {
                header[i] = (byte)value;
                try
                {
                    SafetensorsHeader parsed = HeaderParser.Parse(header, "file", 100, 9);
                    Assert.Equal(9, parsed.Tensors.Values.Sum(tensor => tensor.ByteCount));
                    read++;
                }
                catch (SafetensorsException)
                {
                    refused++;
                }
            }

            header[i] = right;
        }

        // Other names and metadata are still right; most changes are not.
        Assert.InRange(read, header.Length, refused);
    }

    private void AssertFails(byte[] content, string errorId)
    {
        string path = Put(content);

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(errorId == "SafetensorsDTypeNotSupported" ? ErrorKind.NotSupported : ErrorKind.InvalidData, error.Kind);
        Assert.Equal(path, error.Subject);
    }

    private string Put(byte[] content)
    {
        string path = _folder.File("malformed.safetensors");
        File.WriteAllBytes(path, content);
        return path;
    }
}
