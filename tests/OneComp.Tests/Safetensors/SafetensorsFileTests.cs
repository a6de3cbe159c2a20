using System.Runtime.InteropServices;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Entries_say_name_type_shape_and_place()
    {
        string header = """{"b":{"dtype":"I32","shape":[2,1],"data_offsets":[1,9]},"a":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}""";
        string path = Put(RawFile.Bytes(header, 9));

        using var file = SafetensorsFile.Open(path);

        Assert.Equal(["b", "a"], file.Tensors.Keys);
        TensorEntry b = file.Require("b");
        Assert.Equal(("b", DType.I32, path, 8L + header.Length + 1, 8L, 2L), (b.Name, b.DType, b.File, b.Offset, b.ByteCount, b.ElementCount));
        Assert.Equal([2, 1], b.Shape);
        Assert.Empty(file.Require("a").Shape);
        Assert.Equal(1, file.Require("a").ElementCount);
    }

    [Fact]
    public void Empty_tensors_and_unknown_fields_are_read()
    {
        string path = Put(RawFile.Bytes(
            """{"e":{"dtype":"F32","shape":[0,7],"data_offsets":[1,1],"note":{"x":[1]}},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1));

        using var file = SafetensorsFile.Open(path);

        Assert.Empty(file.ReadSingle(file.Require("e")));
        Assert.Empty(file.ReadBytes(file.Require("e")));
    }

    [Fact]
    public void The_order_of_the_header_does_not_matter()
    {
        byte[] data = [1, 2, 3, 4];
        string[] tensors =
        [
            """ "a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]} """,
            """ "b":{"data_offsets":[1,2],"shape":[1],"dtype":"U8"} """,
            """ "c":{"shape":[1],"dtype":"U8","data_offsets":[0,1]} """,
            """ "__metadata__":{"k":"v"} """,
        ];
        for (int first = 0; first < tensors.Length; first++)
        {
            string header = $"{{{string.Join(",", tensors[first..].Concat(tensors[..first]))}}}";
            using var file = SafetensorsFile.Open(Put(RawFile.Bytes(System.Text.Encoding.UTF8.GetBytes(header), data)));

            Assert.Equal([3, 4], file.ReadBytes(file.Require("a")));
            Assert.Equal([2], file.ReadBytes(file.Require("b")));
            Assert.Equal([1], file.ReadBytes(file.Require("c")));
            Assert.Equal("v", Assert.Single(file.Metadata).Value);
        }
    }

    [Fact]
    public void A_tensor_is_copied_to_an_unmanaged_pointer()
    {
        using var file = SafetensorsFile.Open(Put([.. RawFile.Bytes(
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", 0), 9, 1, 2, 3]));
        nint memory = Marshal.AllocHGlobal(5);
        try
        {
            Marshal.Copy(new byte[5], 0, memory, 5);

            PointerCall.Invoke(file, nameof(file.CopyTo), file.Require("b"), memory + 1);

            var copied = new byte[5];
            Marshal.Copy(memory, copied, 0, 5);
            Assert.Equal([0, 1, 2, 3, 0], copied);
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }
    }

    [Fact]
    public void A_part_of_a_tensor_is_copied()
    {
        using var file = SafetensorsFile.Open(Put([.. RawFile.Bytes("""{"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 0), 1, 2, 3, 4]));
        var part = new byte[2];

        file.CopyTo(file.Require("b"), 1, part);

        Assert.Equal([2, 3], part);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(long.MaxValue, 1)]
    public void A_part_outside_the_tensor_is_refused(long offset, int count)
    {
        using var file = SafetensorsFile.Open(Put(RawFile.WithTensors("a", "b")));

        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(file.Require("a"), offset, new byte[count]));
    }

    [Fact]
    public void A_destination_of_another_length_is_refused()
    {
        using var file = SafetensorsFile.Open(Put(RawFile.WithTensors("a")));

        Assert.Throws<ArgumentException>(() => file.CopyTo(file.Require("a"), new byte[3]));
    }

    [Fact]
    public void An_entry_that_is_not_of_this_file_is_refused()
    {
        using var file = SafetensorsFile.Open(Put(RawFile.WithTensors("a")));
        TensorEntry forged = file.Require("a") with { Offset = 1L << 40 };

        Assert.Throws<ArgumentException>(() => file.ReadBytes(forged));
    }

    [Fact]
    public void A_closed_file_does_not_copy()
    {
        var file = SafetensorsFile.Open(Put(RawFile.WithTensors("a")));
        TensorEntry entry = file.Require("a");
        file.ReadBytes(entry);
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.ReadBytes(entry));
    }

    [LinuxFact]
    public void A_file_that_shrank_after_it_was_opened_is_refused()
    {
        string path = Put(RawFile.WithTensors("a"));
        using var file = SafetensorsFile.Open(path);
        using (var process = System.Diagnostics.Process.Start("truncate", ["-s", "20", path])) process.WaitForExit();

        var error = Assert.Throws<SafetensorsException>(() => file.ReadBytes(file.Require("a")));

        Assert.Equal(SafetensorsError.ReadFailed, error.Error);
    }

    [Fact]
    public void A_missing_tensor_is_named_with_its_file()
    {
        string path = Put(RawFile.WithTensors("a"));
        using var file = SafetensorsFile.Open(path);

        var error = Assert.Throws<SafetensorsException>(() => file.Require("lm_head.weight"));

        Assert.Equal(("SafetensorsTensorNotFound", ErrorKind.NotFound, path), (error.ErrorId, error.Kind, error.Subject));
        Assert.Contains("'lm_head.weight'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.safetensors")]
    [InlineData("missing/model.safetensors")]
    [InlineData(".")]
    public void A_missing_file_or_a_folder_is_NotFound(string name)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder.File(name)));

        Assert.Equal(("SafetensorsFileNotFound", ErrorKind.NotFound), (error.ErrorId, error.Kind));
    }

    private string Put(byte[] content)
    {
        string path = _folder.File("file.safetensors");
        File.WriteAllBytes(path, content);
        return path;
    }
}
