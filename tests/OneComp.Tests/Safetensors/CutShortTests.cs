using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>A file that another program cuts short while it is open. Mapped, it would end the process.</summary>
public sealed class CutShortTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reading_what_is_not_there_any_more_is_an_error_that_names_file_and_tensor()
    {
        var path = _folder.File("model.safetensors");
        using (var writer = SafetensorsWriter.Create(path, [new TensorSpec("first", DType.U8, [10_000]), new TensorSpec("last", DType.U8, [50_000_000])]))
        {
            writer.Write("first", new byte[10_000]);
            writer.Write("last", new byte[50_000_000]);
            writer.Commit();
        }

        using var file = SafetensorsFile.Open(path, FileShare.ReadWrite | FileShare.Delete);
        var whole = file.ReadBytes(file.Require("last"));
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            other.SetLength(30_000_000);
        }

        var error = Assert.Throws<SafetensorsException>(() => file.ReadBytes(file.Require("last")));

        Assert.Equal(("SafetensorsReadFailed", ErrorKind.ReadOrWrite, path), (error.ErrorId, error.Kind, error.Subject));
        Assert.Contains("'last'", error.Message, StringComparison.Ordinal);
        Assert.Equal(50_000_000, whole.Length);
        Assert.Equal(10_000, file.ReadBytes(file.Require("first")).Length);
    }
}
