using System.Runtime.InteropServices;
using System.Text;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

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

    [Fact]
    public void Without_Commit_nothing_is_left_and_the_old_file_stays()
    {
        File.WriteAllText(Target, "old");
        using (var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [1])]))
        {
            writer.Write("a", [1]);
            Assert.Equal(2, Directory.GetFiles(_folder.Path).Length); // old, and the temporary one beside it
        }

        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
        Assert.Equal("old", File.ReadAllText(Target));
    }

    [Fact]
    public void Commit_replaces_the_old_file_and_leaves_no_other()
    {
        File.WriteAllText(Target, "old");
        using (var writer = SafetensorsWriter.Create(Target, [])) writer.Commit();

        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
        Assert.Equal(16, new FileInfo(Target).Length);
    }

    [Fact]
    public void The_temporary_name_is_not_taken_for_a_shard()
    {
        using var writer = SafetensorsWriter.Create(Target, []);

        Assert.DoesNotContain(".safetensors", Directory.GetFiles(_folder.Path).Select(Path.GetExtension));
    }

    [Fact]
    public void Commit_names_the_first_tensor_that_lacks_bytes()
    {
        using var writer = SafetensorsWriter.Create(
            Target, [new TensorSpec("a", DType.U8, [1]), new TensorSpec("b", DType.I32, [2]), new TensorSpec("c", DType.U8, [1])]);
        writer.Write("a", [1]);
        writer.Write("b", 0, [1, 2, 3, 4]);
        writer.Write("b", 0, [1, 2, 3, 4]); // the same bytes again do not stand for the others

        var error = Assert.Throws<SafetensorsException>(writer.Commit);

        Assert.Equal("SafetensorsTensorIncomplete", error.ErrorId);
        Assert.Contains("2 of 3 tensors", error.Message, StringComparison.Ordinal);
        Assert.Contains("'b' with 4 of 8 bytes", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void What_is_lacking_may_be_written_after_a_refused_Commit()
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [1])]);
        Assert.Throws<SafetensorsException>(writer.Commit);

        writer.Write("a", [1]);
        writer.Commit();

        Assert.True(File.Exists(Target));
    }

    [Fact]
    public void Nothing_is_written_after_Commit()
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [0])]);
        writer.Commit();

        Assert.Throws<ObjectDisposedException>(() => writer.Write("a", []));
        Assert.Throws<ObjectDisposedException>(writer.Commit);
    }

    [Theory]
    [InlineData(0, 3, "SafetensorsPieceOutsideTensor")]
    [InlineData(-1, 1, "SafetensorsPieceOutsideTensor")]
    [InlineData(2, 1, "SafetensorsPieceOutsideTensor")]
    [InlineData(long.MaxValue, 1, "SafetensorsPieceOutsideTensor")]
    public void A_piece_outside_its_tensor_is_refused(long offset, int length, string errorId)
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [2]), new TensorSpec("b", DType.U8, [9])]);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", offset, new byte[length]));

        Assert.Equal((errorId, ErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void Data_for_a_whole_tensor_must_fill_it()
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [2])]);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", [1]));

        Assert.Equal("SafetensorsPieceOutsideTensor", error.ErrorId);
    }

    [Fact]
    public void An_unannounced_tensor_is_refused()
    {
        using var writer = SafetensorsWriter.Create(Target, []);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", [1]));

        Assert.Equal("SafetensorsTensorNotFound", error.ErrorId);
    }

    public static TheoryData<string, TensorSpec[]> WrongSpecs => new()
    {
        { "SafetensorsDuplicateName", [new("a", DType.U8, [1]), new("a", DType.U8, [1])] },
        { "SafetensorsNameNotAllowed", [new("__metadata__", DType.U8, [1])] },
        { "SafetensorsNameNotAllowed", [new("half \ud800 pair", DType.U8, [1])] },
        { "SafetensorsShapeNegative", [new("a", DType.U8, [-1])] },
        { "SafetensorsShapeOverflow", [new("a", DType.F32, [1L << 61])] },
        { "SafetensorsShapeOverflow", [new("a", DType.U8, [1L << 62]), new("b", DType.U8, [1L << 62])] },
    };

    [Theory]
    [MemberData(nameof(WrongSpecs))]
    public void What_the_format_does_not_allow_is_refused_before_a_file_is_made(string errorId, TensorSpec[] tensors)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(Target, tensors));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    // On its own: as an argument of a theory the name would be printed.
    [Fact]
    public void A_header_over_the_cap_is_refused_before_a_file_is_made()
    {
        var tensor = new TensorSpec(new string('n', 100_000_000), DType.U8, [1]);

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(Target, [tensor]));

        Assert.Equal("SafetensorsHeaderTooLarge", error.ErrorId);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
