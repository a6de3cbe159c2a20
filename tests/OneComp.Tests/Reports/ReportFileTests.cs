using OneComp.Errors;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

public sealed class ReportFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_there_stays_as_it_is_without_force()
    {
        string file = Existing("old");

        var error = Assert.Throws<ReportException>(() => ReportFile.Write(file, force: false, path => File.WriteAllText(path, "new")));

        Assert.Equal(("ReportFileExists", ErrorKind.AlreadyExists, file), (error.ErrorId, error.Kind, error.Subject));
        Assert.Equal("old", File.ReadAllText(file));
    }

    [Fact]
    public void Force_replaces_a_file()
    {
        string file = Existing("old");

        ReportFile.Write(file, force: true, path => File.WriteAllText(path, "new"));

        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void The_file_is_written_in_its_own_folder_under_another_name_with_the_same_extension()
    {
        string file = _folder.File("plan.xlsx"), used = "";

        ReportFile.Write(file, force: false, path => File.WriteAllText(used = path, ""));

        Assert.NotEqual(file, used);
        Assert.Equal((_folder.Path, ".xlsx"), (Path.GetDirectoryName(used), Path.GetExtension(used)));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var error = Assert.Throws<ReportException>(() => ReportFile.CheckDestination(_folder.File("none/plan.csv"), force: true));

        Assert.Equal(("ReportFolderNotFound", ErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Contains(_folder.File("none"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        var error = Assert.Throws<ReportException>(() => ReportFile.CheckDestination(_folder.Path, force: true));

        Assert.Equal(("ReportPathIsFolder", ErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void A_write_that_fails_midway_leaves_the_old_file_and_nothing_else()
    {
        string file = Existing("old");

        var error = Assert.Throws<ReportException>(() => ReportFile.Write(file, force: true, path =>
        {
            File.WriteAllText(path, "half");
            throw new IOException("No space left on device.");
        }));

        Assert.Equal(("ReportWriteFailed", ErrorKind.ReadOrWrite, file), (error.ErrorId, error.Kind, error.Subject));
        Assert.Contains("No space left on device.", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_refusal_of_the_system_is_named()
    {
        string file = _folder.File("plan.csv");

        var error = Assert.Throws<ReportException>(() => ReportFile.Write(file, force: false, _ => throw new UnauthorizedAccessException("Denied.")));

        Assert.Equal(("ReportAccessDenied", ErrorKind.PermissionDenied, file), (error.ErrorId, error.Kind, error.Subject));
    }

    [Fact]
    public void A_file_that_appears_while_writing_is_not_replaced_without_force()
    {
        string file = _folder.File("plan.csv");

        var error = Assert.Throws<ReportException>(() => ReportFile.Write(file, force: false, path =>
        {
            File.WriteAllText(path, "ours");
            File.WriteAllText(file, "theirs");
        }));

        Assert.Equal("ReportFileExists", error.ErrorId);
        Assert.Equal("theirs", File.ReadAllText(file));
    }

    private string Existing(string text)
    {
        string file = _folder.File("plan.csv");
        File.WriteAllText(file, text);
        return file;
    }
}
