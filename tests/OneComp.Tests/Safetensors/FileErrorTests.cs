using System.Runtime.Versioning;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>What the system refuses, on real files where a test can bring that about.</summary>
public sealed class FileErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_output_folder_is_named()
    {
        string path = _folder.File(Path.Combine("missing", "out.safetensors"));

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(path, []));

        Assert.Equal(("SafetensorsFolderNotFound", ErrorKind.NotFound, path), (error.ErrorId, error.Kind, error.Subject));
    }

    [Fact]
    public void An_output_larger_than_the_disk_is_refused_at_once()
    {
        string path = _folder.File("out.safetensors");

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(path, [new TensorSpec("a", DType.U8, [1L << 60])]));

        Assert.Equal(("SafetensorsDiskFull", ErrorKind.ReadOrWrite, path), (error.ErrorId, error.Kind, error.Subject));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Matches(@"It needs 11529215046068\d+ bytes, and \d+ are free", error.Message); // 2^60 and a header
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_in_the_place_of_the_output_is_an_error_that_leaves_nothing()
    {
        string path = Directory.CreateDirectory(_folder.File("out.safetensors")).FullName;
        using (var writer = SafetensorsWriter.Create(path, []))
        {
            var error = Assert.Throws<SafetensorsException>(writer.Commit);
            Assert.Equal(path, error.Subject);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [LinuxFact]
    public void A_full_disk_is_told_apart()
    {
        using var device = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        Exception cause = Record.Exception(() => RandomAccess.Write(device, new byte[1], 0));

        SafetensorsException error = FileErrors.Writing("out.safetensors", 1, cause);

        Assert.Equal(("SafetensorsDiskFull", ErrorKind.ReadOrWrite), (error.ErrorId, error.Kind));
    }

    [UnprivilegedFact]
    [UnsupportedOSPlatform("windows")]
    public void A_forbidden_file_is_PermissionDenied()
    {
        string path = _folder.File("model.safetensors");
        File.WriteAllBytes(path, RawFile.WithTensors("a"));
        File.SetUnixFileMode(path, UnixFileMode.None);

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal(("SafetensorsFileUnreadable", ErrorKind.PermissionDenied, path), (error.ErrorId, error.Kind, error.Subject));
    }

    [UnprivilegedFact]
    [UnsupportedOSPlatform("windows")]
    public void A_forbidden_folder_is_PermissionDenied_not_empty()
    {
        string path = Directory.CreateDirectory(_folder.File("model")).FullName;
        File.WriteAllBytes(Path.Combine(path, "model.safetensors"), RawFile.WithTensors("a"));
        File.SetUnixFileMode(path, UnixFileMode.None);
        try
        {
            var read = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(path));
            var write = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(Path.Combine(path, "out.safetensors"), []));

            Assert.Equal(("SafetensorsFileUnreadable", ErrorKind.PermissionDenied), (read.ErrorId, read.Kind));
            Assert.Equal(("SafetensorsFileUnwritable", ErrorKind.PermissionDenied), (write.ErrorId, write.Kind));
        }
        finally
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void What_the_system_throws_has_its_kind()
    {
        Assert.Equal(ErrorKind.PermissionDenied, FileErrors.Reading("f", new UnauthorizedAccessException()).Kind);
        Assert.Equal(ErrorKind.PermissionDenied, FileErrors.Writing("f", 1, new UnauthorizedAccessException()).Kind);
        Assert.Equal(ErrorKind.ReadOrWrite, FileErrors.Reading("f", new IOException()).Kind);
        Assert.Equal(SafetensorsError.WriteFailed, FileErrors.Writing("f", 1, new IOException()).Error);
        Assert.Equal(SafetensorsError.DiskFull, FileErrors.Writing("f", 1, new IOException("full", unchecked((int)0x80070070))).Error);
    }
}
