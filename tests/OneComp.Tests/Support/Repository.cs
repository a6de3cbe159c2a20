namespace OneComp.Tests.Support;

/// <summary>Where things are in the checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string TinyLlama => Path.Combine(Root, "examples", "models", "tiny-llama");

    public static string Manifest => Path.Combine(Root, "OneComp.psd1");

    /// <summary>A file or folder under tests/OneComp.Tests/Data.</summary>
    public static string Data(params string[] parts) => Path.Combine([Root, "tests", "OneComp.Tests", "Data", .. parts]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OneComp.PowerShell.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"no OneComp.PowerShell.sln above {AppContext.BaseDirectory}");
    }
}
