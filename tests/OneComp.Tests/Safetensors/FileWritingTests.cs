using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class FileWritingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_replaced_file_is_whole_and_nothing_is_beside_it()
    {
        var path = _folder.File("a.json");
        FileWriting.Replace(path, [1, 2, 3]);
        FileWriting.Replace(path, [4]);

        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [LinuxFact]
    public void What_a_full_disk_has_no_room_for_is_told_with_its_size()
    {
        var error = Assert.Throws<SafetensorsException>(() => FileWriting.Write("/dev/full", [1, 2, 3]));

        Assert.Equal((SafetensorsError.DiskFull, "/dev/full"), (error.Error, error.Subject));
        Assert.Contains("It needs 3 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_not_there_is_named_not_the_copy()
    {
        var error = Assert.Throws<SafetensorsException>(() => FileWriting.Copy(_folder.File("source"), _folder.File("copy")));
        Assert.Equal((SafetensorsError.FileNotFound, _folder.File("source")), (error.Error, error.Subject));
    }

    [LinuxFact]
    public void A_source_that_fails_midway_is_named_not_the_copy()
    {
        var error = Assert.Throws<SafetensorsException>(() => FileWriting.Copy("/proc/self/mem", _folder.File("copy"))); // nothing is mapped at its start: EIO
        Assert.Equal((SafetensorsError.ReadFailed, "/proc/self/mem"), (error.Error, error.Subject));
    }

    [Fact]
    public void A_copy_of_a_read_only_file_can_be_replaced()
    {
        File.WriteAllBytes(_folder.File("source"), [1]);
        File.SetAttributes(_folder.File("source"), FileAttributes.ReadOnly);
        FileWriting.Copy(_folder.File("source"), _folder.File("copy"));

        Assert.False(File.GetAttributes(_folder.File("copy")).HasFlag(FileAttributes.ReadOnly));
        File.SetAttributes(_folder.File("source"), FileAttributes.Normal);
    }
}
