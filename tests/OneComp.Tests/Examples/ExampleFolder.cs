using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>A copy of what examples use, with a session in it: they write beside the models they read.</summary>
internal sealed class ExampleFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExampleFolder()
    {
        Copy("examples/models/tiny-llama");
        Copy("examples/data");
        Copy("tests/OneComp.Tests/Data");
        Directory.CreateDirectory(_folder.File("examples/out"));
        var manifest = File.ReadAllText(Repository.Manifest).Replace("'module/", $"'{Repository.Root}/module/", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("OneComp.psd1"), manifest);
        Session.Invoke("param($Folder) $null = $ExecutionContext.SessionState.Path.SetLocation($Folder)", new { Folder = _folder.Path }).All<object>();
    }

    public PowerShellSession Session { get; } = new();

    /// <summary>Runs the PowerShell examples of a Markdown text in their order; none may give an error.</summary>
    public void Run(string file, string markdown) => Assert.All(MarkdownExamples.Of(markdown, "powershell"), example =>
    {
        var faults = Session.Invoke(example.Text).AllErrors.Select(error => $"{error.FullyQualifiedErrorId}: {error}").ToList();
        Assert.True(faults.Count == 0, $"{file}, line {example.Line}: {string.Join(Environment.NewLine, faults)}");
    });

    public void Dispose()
    {
        Session.Dispose();
        _folder.Dispose();
    }

    private void Copy(string folder)
    {
        var target = Directory.CreateDirectory(_folder.File(folder)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, folder)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
