using OneComp.Pipeline;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

public sealed class DestinationFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DestinationFolderTests() => Directory.CreateDirectory(Source);

    private string Source => _folder.File("model");

    private string Target => _folder.File("out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_folder_appears_at_commit_and_not_before()
    {
        using var destination = DestinationFolder.Prepare(Target, false, Source);
        File.WriteAllText(Path.Combine(destination.Temporary, "a"), "new");
        Assert.False(Directory.Exists(Target));

        destination.Commit();
        destination.Dispose();

        Assert.Equal("new", File.ReadAllText(Path.Combine(Target, "a")));
        Assert.Equal(["model", "out"], Entries());
    }

    [Fact]
    public void Parents_are_made()
    {
        using var destination = DestinationFolder.Prepare(Path.Combine(Target, "a", "b"), false, Source);
        destination.Commit();
        Assert.True(Directory.Exists(Path.Combine(Target, "a", "b")));
    }

    [Fact]
    public void A_run_that_ends_without_commit_leaves_nothing()
    {
        using (var destination = DestinationFolder.Prepare(Target, false, Source))
        {
            File.WriteAllText(Path.Combine(destination.Temporary, "a"), "half");
        }

        Assert.Equal(["model"], Entries());
    }

    [Fact]
    public void With_force_the_old_folder_stays_until_commit()
    {
        WriteOld();
        using (var broken = DestinationFolder.Prepare(Target, true, Source))
        {
            File.WriteAllText(Path.Combine(broken.Temporary, "a"), "half");
        }

        Assert.Equal("old", File.ReadAllText(Path.Combine(Target, "old")));
    }

    [Fact]
    public void With_force_commit_replaces_the_old_folder_whole()
    {
        WriteOld();
        using var destination = DestinationFolder.Prepare(Target, true, Source);
        File.WriteAllText(Path.Combine(destination.Temporary, "a"), "new");

        destination.Commit();
        destination.Dispose();

        Assert.Equal(["a"], Directory.GetFiles(Target).Select(Path.GetFileName));
        Assert.Equal(["model", "out"], Entries());
    }

    [Fact]
    public void Without_force_a_folder_with_content_is_refused_and_an_empty_one_is_not()
    {
        Directory.CreateDirectory(Target);
        DestinationFolder.Check(Target, false, Source);
        WriteOld();
        AssertError(DestinationError.Exists, Target, force: false);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model/")]
    [InlineData("model/inside")]
    [InlineData(".")]
    public void A_destination_that_is_in_or_around_the_source_is_refused_even_with_force(string path) =>
        AssertError(DestinationError.OverlapsSource, _folder.File(path), force: true);

    [Fact]
    public void A_name_that_begins_like_the_sources_is_no_overlap() => DestinationFolder.Check(Source + "-q4", true, Source);

    [Fact]
    public void A_link_does_not_hide_that_the_destination_holds_the_source()
    {
        var link = _folder.File("link");
        Directory.CreateDirectory(Path.Combine(Target, "model"));
        Directory.CreateSymbolicLink(link, Target);
        var error = Assert.Throws<DestinationException>(() => DestinationFolder.Check(Target, true, Path.Combine(link, "model")));
        Assert.Equal(DestinationError.OverlapsSource, error.Error);
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        File.WriteAllText(Target, "a file");
        AssertError(DestinationError.NotAFolder, Target, force: true);
    }

    [Fact]
    public void What_a_killed_run_left_is_cleared()
    {
        using (var left = DestinationFolder.Prepare(Target, false, Source))
        {
            Assert.Equal(Path.Combine(_folder.Path, ".out.tmp"), left.Temporary);
        }

        Directory.CreateDirectory(_folder.File(".out.tmp"));
        File.WriteAllText(Path.Combine(_folder.File(".out.tmp"), "stale"), "half");

        using var destination = DestinationFolder.Prepare(Target, false, Source);

        Assert.Empty(Directory.GetFiles(destination.Temporary));
    }

    [Fact]
    public void A_folder_that_was_being_replaced_when_the_process_was_killed_comes_back()
    {
        Directory.CreateDirectory(_folder.File(".out.tmp"));
        Directory.CreateDirectory(_folder.File(".out.tmp.old"));
        File.WriteAllText(Path.Combine(_folder.File(".out.tmp.old"), "old"), "old");

        DestinationFolder.Prepare(Target, true, Source).Dispose();

        Assert.Equal("old", File.ReadAllText(Path.Combine(Target, "old")));
        Assert.Equal(["model", "out"], Entries());
    }

    private void AssertError(DestinationError expected, string path, bool force) =>
        Assert.Equal(expected, Assert.Throws<DestinationException>(() => DestinationFolder.Check(path, force, Source)).Error);

    private void WriteOld()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "old"), "old");
    }

    private string[] Entries() => [.. Directory.GetFileSystemEntries(_folder.Path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
}
