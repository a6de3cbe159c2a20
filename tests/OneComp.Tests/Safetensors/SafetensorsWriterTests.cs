using System.Runtime.InteropServices;
using System.Text;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>The bytes that are written, whole and in pieces.</summary>
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("out.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using (var writer = SafetensorsWriter.Create(
            Target,
            [new TensorSpec("z", DType.BF16, [1, 3]), new TensorSpec("größe", DType.U8, [])],
            new Dictionary<string, string> { ["format"] = "pt", ["a\"b"] = "é" }))
        {
            writer.Write("größe", [7]);
            writer.Write("z", [1, 2, 3, 4, 5, 6]);
            writer.Commit();
        }

        const string Json = """{"__metadata__":{"a\"b":"é","format":"pt"},"z":{"dtype":"BF16","shape":[1,3],"data_offsets":[0,6]},"""
            + "\"größe\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[6,7]}}";
        int size = Encoding.UTF8.GetByteCount(Json);
        Assert.Equal(157, size);
        Assert.Equal([160, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Json + "   "), 1, 2, 3, 4, 5, 6, 7], File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_file_without_tensors_is_ten_bytes_padded_to_sixteen()
    {
        using (var writer = SafetensorsWriter.Create(Target, [])) writer.Commit();

        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], File.ReadAllBytes(Target));
        using var file = SafetensorsFile.Open(Target);
        Assert.Empty(file.Tensors);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Every_type_makes_the_round_trip()
    {
        DType[] types = Enum.GetValues<DType>();
        var random = new Random(1);
        var data = types.ToDictionary(type => type, type => Bytes(random, DTypes.SizeOf(type) * 15));
        using (var writer = SafetensorsWriter.Create(Target, [.. types.Select(type => new TensorSpec($"t.{type}", type, [3, 5]))]))
        {
            foreach (DType type in types.Reverse()) writer.Write($"t.{type}", data[type]);
            writer.Commit();
        }

        using var file = SafetensorsFile.Open(Target);
        Assert.Equal(types.Length, file.Tensors.Count);
        foreach (DType type in types)
        {
            TensorEntry entry = file.Require($"t.{type}");
            Assert.Equal(type, entry.DType);
            Assert.Equal([3, 5], entry.Shape);
            Assert.Equal(data[type], file.ReadBytes(entry));
        }
    }

    [Theory]
    [InlineData("examples/models/tiny-llama/model.safetensors")]
    [InlineData("tests/OneComp.Tests/Data/architectures/qwen3-tied-bf16-sharded/model-00002-of-00003.safetensors")]
    public void A_file_of_the_reference_implementation_is_written_again_byte_for_byte(string source)
    {
        string path = Path.Combine([Repository.Root, .. source.Split('/')]);
        using (var file = SafetensorsFile.Open(path))
        {
            TensorEntry[] entries = [.. file.Tensors.Values.OrderBy(entry => entry.Offset)];
            using var writer = SafetensorsWriter.Create(
                Target, [.. entries.Select(entry => new TensorSpec(entry.Name, entry.DType, entry.Shape))], file.Metadata);
            foreach (TensorEntry entry in entries) writer.Write(entry.Name, file.ReadBytes(entry));
            writer.Commit();
        }

        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Target));
    }

    [Fact]
    public void Pieces_may_come_in_any_order_and_twice()
    {
        using (var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [6]), new TensorSpec("b", DType.U8, [2])]))
        {
            writer.Write("b", 1, [8]);
            writer.Write("a", 4, [5, 6]);
            writer.Write("a", 0, [9, 9]);
            writer.Write("b", 0, [7]);
            writer.Write("a", 0, [1, 2, 3]);
            writer.Write("a", 2, [3, 4]);
            writer.Commit();
        }

        using var file = SafetensorsFile.Open(Target);
        Assert.Equal([1, 2, 3, 4, 5, 6], file.ReadBytes(file.Require("a")));
        Assert.Equal([7, 8], file.ReadBytes(file.Require("b")));
    }

    [Fact]
    public void Several_threads_may_write_at_once()
    {
        const int Size = 100_000;
        byte[] data = Bytes(new Random(2), Size);
        using (var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [Size])]))
        {
            Parallel.For(0, 1000, i => writer.Write("a", i * 100, data.AsSpan(i * 100, 100)));
            writer.Commit();
        }

        using var file = SafetensorsFile.Open(Target);
        Assert.Equal(data, file.ReadBytes(file.Require("a")));
    }

    [Fact]
    public void A_tensor_is_written_from_an_unmanaged_pointer()
    {
        nint memory = Marshal.AllocHGlobal(3);
        try
        {
            Marshal.Copy(new byte[] { 1, 2, 3 }, 0, memory, 3);
            using (var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [3]), new TensorSpec("e", DType.U8, [0])]))
            {
                PointerCall.Invoke(writer, nameof(writer.Write), "a", memory);
                PointerCall.Invoke(writer, nameof(writer.Write), "e", 0);
                writer.Commit();
            }
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }

        using var file = SafetensorsFile.Open(Target);
        Assert.Equal([1, 2, 3], file.ReadBytes(file.Require("a")));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
