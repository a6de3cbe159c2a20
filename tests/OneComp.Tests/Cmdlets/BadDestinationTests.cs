using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>Places where no result can be put.</summary>
public sealed class BadDestinationTests : BadInputTest
{
    [Fact]
    public void A_destination_that_exists_stays_as_it_is()
    {
        Directory.CreateDirectory(Folder.File("q"));
        File.WriteAllText(Folder.File("q/mine.txt"), "mine");
        var error = Fails(Repository.TinyLlama, "DestinationExists", ErrorCategory.ResourceExists);
        Assert.Contains("-Force", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal([Folder.File("q/mine.txt")], Directory.GetFileSystemEntries(Folder.File("q")));
        Assert.Equal([Folder.File("q")], Directory.GetFileSystemEntries(Folder.Path));
    }

    [Fact]
    public void A_destination_that_exists_stays_as_it_is_when_a_run_with_Force_fails()
    {
        Directory.CreateDirectory(Folder.File("q"));
        File.WriteAllText(Folder.File("q/mine.txt"), "mine");
        Fails(CopyWithNaN("model.layers.0.mlp.up_proj.weight"), "ModelTensorNotFinite", ErrorCategory.InvalidData, more: "-Force"); // of the first block: a later one is found with blocks done to go on from
        Assert.Equal([Folder.File("q/mine.txt")], Directory.GetFileSystemEntries(Folder.File("q")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(Folder.Path), entry => Path.GetFileName(entry).StartsWith('.'));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/q")]
    [InlineData("file/a/q")]
    public void A_file_where_a_folder_is_to_be(string destination)
    {
        File.WriteAllText(Folder.File("file"), "mine");
        var error = Fails(Repository.TinyLlama, "DestinationNotAFolder", ErrorCategory.InvalidArgument, destination: Folder.File(destination), more: "-Force");
        Assert.Contains(Folder.File("file"), error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Folder.File("file")));
        Assert.Equal([Folder.File("file")], Directory.GetFileSystemEntries(Folder.Path));
    }

    [Fact]
    public void A_place_that_the_system_does_not_let_write()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // /proc takes no folders, not even from root
        }

        var error = Fails(Repository.TinyLlama, "DestinationNotWritable", ErrorCategory.PermissionDenied, destination: "/proc/onecomp-q");
        Assert.Contains("/proc/onecomp-q", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("q")]
    [InlineData("..")]
    public void A_destination_that_is_not_apart_from_the_model(string relative)
    {
        var model = CopyOfTinyLlama();
        var before = Snapshot(model);
        Fails(model, "DestinationOverlapsSource", ErrorCategory.InvalidArgument, destination: Path.Combine(model, relative), more: "-Force");
        Assert.Equal(before, Snapshot(model));
    }
}
