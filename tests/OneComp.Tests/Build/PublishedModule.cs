using System.Diagnostics;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>The module as 'dotnet publish' makes it from what is built, in a folder outside the repository; made once for its tests.</summary>
public sealed class PublishedModule : IDisposable
{
    /// <summary>The ProjectUri that is asked for.</summary>
    public const string Home = "https://example.org/onecomp";

    private readonly TemporaryFolder _folder = new();

    public PublishedModule()
    {
        Folder = _folder.File("OneComp");
        Run("publish", Path.Combine(Repository.Root, "src", "OneComp.Cmdlets"), "--no-build", "-c", Configuration, $"-p:PublishDir={Folder}/", $"-p:RepositoryUrl={Home}");
    }

    /// <summary>The configuration that the tests were built in.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The published folder.</summary>
    public string Folder { get; }

    public string Manifest => File("OneComp.psd1");

    public string File(string name) => Path.Combine(Folder, name.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>What dotnet said; a failure ends the test.</summary>
    internal static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [.. arguments, "-nologo", "-nodeReuse:false"]) { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        start.Environment.Remove("MSBUILD_EXE_PATH"); // of the process that runs the tests
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }

    public void Dispose() => _folder.Dispose();
}
