using System.Diagnostics;
using OneComp.Build;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>The build step that lets LibTorchSharp load where libstdc++ is older than it asks for.</summary>
public sealed class WeakenStepTests : IDisposable
{
    private const string Version = "GLIBCXX_3.4.32";
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private string Library => _folder.File("lib.so");

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void The_named_need_becomes_weak_and_nothing_else_changes()
    {
        var image = ElfImage.With("GLIBCXX_3.4.30", Version);
        File.WriteAllBytes(Library, image);
        Assert.Equal(0, Run());
        image[ElfImage.FlagsAt(1)] = 2;
        Assert.Equal(image, File.ReadAllBytes(Library));
        Assert.Contains(Version, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_flags_of_the_need_are_kept()
    {
        var image = ElfImage.With(Version);
        image[ElfImage.FlagsAt(0)] = 1;
        File.WriteAllBytes(Library, image);
        Run();
        Assert.Equal(3, File.ReadAllBytes(Library)[ElfImage.FlagsAt(0)]);
    }

    [Theory]
    [InlineData(Version)]
    [InlineData("GLIBCXX_3.4.30")]
    public void Where_it_is_weak_or_absent_the_file_is_left_alone(string need)
    {
        File.WriteAllBytes(Library, ElfImage.With(need));
        Run();
        var written = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Library, written);
        var before = File.ReadAllBytes(Library);
        _output.GetStringBuilder().Clear();

        Assert.Equal(0, Run());
        Assert.Equal(before, File.ReadAllBytes(Library));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Library));
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public void The_time_of_the_file_is_kept_so_that_the_next_build_copies_nothing()
    {
        File.WriteAllBytes(Library, ElfImage.With(Version));
        var written = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Library, written);
        Run();
        Assert.Equal(written, File.GetLastWriteTimeUtc(Library));
        Assert.Equal([Library], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_hard_link_into_the_package_cache_keeps_the_original_as_it_was()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // the step runs on Linux alone
        }

        var original = _folder.File("cached.so");
        var image = ElfImage.With(Version);
        File.WriteAllBytes(original, image);
        HardLink(original, Library);
        Run();
        Assert.Equal(image, File.ReadAllBytes(original));
        Assert.NotEqual(image, File.ReadAllBytes(Library));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(140)]
    [InlineData(300)]
    public void A_truncated_file_is_an_error_that_names_it_and_leaves_it(int length)
    {
        var image = ElfImage.With(Version)[..length];
        File.WriteAllBytes(Library, image);
        Assert.Equal(1, Run());
        Assert.StartsWith($"{Library} : error OC0001: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(image, File.ReadAllBytes(Library));
    }

    [Fact]
    public void A_file_of_another_kind_is_an_error()
    {
        File.WriteAllBytes(Library, new byte[500]);
        Assert.Equal(1, Run());
        Assert.Contains("not an ELF64", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_error() => Assert.Equal(1, Run());

    [Fact]
    public void The_module_holds_the_mended_library()
    {
        var built = Path.Combine(Repository.Root, "module", "torch", "libLibTorchSharp.so");
        if (!File.Exists(built))
        {
            return; // another platform's build
        }

        Assert.Equal(0, new ElfVersionNeeds(File.ReadAllBytes(built)).Weaken(Version));
    }

    private int Run() => WeakenStep.Run(Library, Version, _output, _error);

    private static void HardLink(string existing, string link)
    {
        using var process = Process.Start("ln", [existing, link]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
