using System.Buffers.Binary;
using System.Text;
using OneComp.Export.Gguf;
using OneComp.Formats;
using OneComp.Safetensors;
using OneComp.Tests.Fuzz.Targets;
using OneComp.Tests.Support;

namespace OneComp.Tests.Export;

/// <summary>Heads of GGUF files that nobody should believe.</summary>
public sealed class GgufHeadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_valid_one_is_read() => Assert.Equal(2, GgufHead.Read(Save(GgufSeed.Make())).Tensors.Count);

    [Fact]
    public void A_file_that_is_not_there_is_an_error_of_ours() =>
        Assert.Equal(SafetensorsError.FileNotFound, Assert.Throws<SafetensorsException>(() => GgufHead.Read(_folder.File("none.gguf"))).Error);

    [Fact]
    public void Lists_are_not_nested_without_end()
    {
        var bytes = new List<byte>(Head(0, 1, "k"));
        for (var i = 0; i < 200_000; i++)
        {
            bytes.AddRange([9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        }

        Refused([.. bytes], "nested deeper than 8");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public void An_alignment_is_a_small_number(uint alignment)
    {
        var bytes = GgufSeed.Make();
        var at = bytes.AsSpan().IndexOf("general.alignment"u8) + "general.alignment".Length + sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), alignment);
        Refused(bytes, "general.alignment");
    }

    [Theory]
    [InlineData(ulong.MaxValue, 1ul, "claims 18446744073709551615 tensors")]
    [InlineData(1ul, ulong.MaxValue, "18446744073709551615 values")]
    public void Counts_are_bounded(ulong tensors, ulong pairs, string message) => Refused(Head(tensors, pairs, "k"), message);

    [Fact]
    public void A_text_is_no_longer_than_the_file()
    {
        var bytes = Head(0, 1, "k");
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), 60ul << 20);
        Refused(bytes, "a text of 62914560 bytes");
    }

    [Fact]
    public void The_product_of_a_shape_is_checked()
    {
        var bytes = GgufSeed.Make();
        var at = bytes.AsSpan().IndexOf("token_embd.weight"u8) + "token_embd.weight".Length + sizeof(uint);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), 1ul << 40);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + sizeof(ulong)), 1ul << 40);
        Refused(bytes, "1099511627776 x 1099511627776 elements");
    }

    private void Refused(byte[] file, string message)
    {
        var error = Assert.Throws<QuantizedFormatException>(() => GgufHead.Read(Save(file)));
        Assert.Equal(QuantizedFormatError.FileInvalid, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private string Save(byte[] file)
    {
        File.WriteAllBytes(_folder.File("model.gguf"), file);
        return _folder.File("model.gguf");
    }

    private static byte[] Head(ulong tensors, ulong pairs, string key)
    {
        using var bytes = new MemoryStream();
        using var file = new BinaryWriter(bytes);
        file.Write("GGUF"u8);
        file.Write(3u);
        file.Write(tensors);
        file.Write(pairs);
        file.Write((ulong)key.Length);
        file.Write(Encoding.ASCII.GetBytes(key));
        file.Write(9u);
        return bytes.ToArray();
    }
}
