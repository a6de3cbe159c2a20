using OneComp.Hub;

namespace OneComp.Tests.Hub;

/// <summary>Names of files are data of somebody else.</summary>
public sealed class FileNameTests : HubTest
{
    public static TheoryData<string> HostileNames =>
    [
        "/etc/passwd", "../out.json", "a/../../out.json", "a/..", "./a.json", "a//b.json", "a/", "\\\\host\\share\\a.json",
        "..\\out.json", "a\\b.json", "C:/a.json", "C:a.json", "a:stream.json", "con", "CON.json", "a/nul.txt", "com1.json", "COM¹", "LPT9.a.b", "prn .json",
        "a.", "a ", " a", "a./b", "a\nb", "a\0b", "a\u001bb", "a\u202eb", "a*b", "a?b", "a|b", "a<b", "a>b", "a\"b", "model.safetensors.incomplete",
        new string('a', 201), string.Join('/', Enumerable.Repeat("aaaaaaaaaaaaaaa", 17)), string.Join('/', Enumerable.Repeat(new string('a', 199), 6)),
    ];

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void A_hostile_name_is_refused_and_nothing_is_written(string name)
    {
        Assert.NotNull(HubFileName.FaultOf(name));
        Hub.Files.Add(FakeFile.Small(name, "x"));
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        foreach (var options in (HubDownloadOptions[])[ToFolder("*"), ToCache("*")])
        {
            var error = Fails(HubError.FileNameUnsafe, options);
            Assert.DoesNotContain(error.Message, char.IsControl);
        }

        Assert.Empty(AllFiles());
        Assert.Empty(Hub.Fetches);
    }

    [Fact]
    public void A_file_without_a_name_is_refused() => Assert.NotNull(HubFileName.FaultOf(""));

    [Theory]
    [InlineData("config.json")]
    [InlineData(".gitattributes")]
    [InlineData("onnx/model_q4.onnx")]
    [InlineData("a b/ü-ñ.json")]
    [InlineData("com10.json")]
    [InlineData("console.json")]
    public void An_ordinary_name_arrives(string name)
    {
        Assert.Null(HubFileName.FaultOf(name));
        Hub.Files.Add(FakeFile.Small(name, "x"));
        Save(ToFolder("*"));
        Assert.Equal(["model/" + name], AllFiles());
    }

    [Fact]
    public void A_link_in_the_destination_is_not_written_through()
    {
        Directory.CreateDirectory(Destination);
        Directory.CreateDirectory(Folder.File("outside"));
        if (!TryLink(Path.Combine(Destination, "sub"), Folder.File("outside")))
        {
            return;
        }

        Hub.Files.Add(FakeFile.Small("sub/config.json", "{}"));
        Assert.Contains("link", Fails(HubError.FileNameUnsafe, ToFolder("*")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder.File("outside")));
    }

    [Fact]
    public void A_link_by_a_files_name_is_replaced_and_not_written_through()
    {
        Directory.CreateDirectory(Destination);
        File.WriteAllText(Folder.File("outside.json"), "{ }");
        if (!TryLink(Path.Combine(Destination, "config.json"), Folder.File("outside.json")))
        {
            return;
        }

        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        Save(ToFolder("*") with { Force = true });
        Assert.Equal("{ }", File.ReadAllText(Folder.File("outside.json")));
        Assert.Equal("{}"u8.ToArray(), Saved("config.json"));
    }

    [Fact]
    public void Names_that_differ_in_case_alone_are_refused()
    {
        Hub.Files.Add(FakeFile.Small("config.json", "1"));
        Hub.Files.Add(FakeFile.Small("Config.json", "2"));
        Fails(HubError.FileNameUnsafe, ToFolder("*"));
        Assert.Empty(AllFiles());
    }

    [Fact]
    public void More_files_than_allowed_are_refused()
    {
        Hub.Files.AddRange(Enumerable.Range(0, 10_001).Select(i => new FakeFile($"{i}.json", 1, new string('0', 40), (_, _) => { })));
        Fails(HubError.TooLarge, ToFolder("*"));
    }

    [Fact]
    public void More_bytes_than_allowed_are_refused()
    {
        Hub.Files.AddRange(Enumerable.Range(0, 3).Select(i => new FakeFile($"{i}.json", long.MaxValue, new string('0', 40), (_, _) => { })));
        Fails(HubError.TooLarge, ToFolder("*"));
    }

    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception exception) when (OperatingSystem.IsWindows() && exception is IOException or UnauthorizedAccessException)
        {
            return false; // Windows without developer mode has no links to be led by
        }
    }
}
