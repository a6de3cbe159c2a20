using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>When a file gets its name, and what is there before.</summary>
public sealed class SafetensorsCommitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("out.safetensors");

    public void Dispose() => _folder.Dispose();

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
}
