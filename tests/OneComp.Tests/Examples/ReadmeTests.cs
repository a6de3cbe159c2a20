using System.Text.RegularExpressions;
using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>What README.md shows works as it stands, in the order in which it stands.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string Markdown = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_PowerShell_example_runs_without_an_error()
    {
        var examples = MarkdownExamples.Of(Markdown, "powershell");
        Assert.NotEmpty(examples);
        CopyWhatExamplesUse();
        using var session = new PowerShellSession();
        session.Invoke("param($Folder) $null = $ExecutionContext.SessionState.Path.SetLocation($Folder)", new { Folder = _folder.Path }).All<object>();
        Assert.All(examples, example =>
        {
            var faults = session.Invoke(example.Text).AllErrors.Select(error => $"{error.FullyQualifiedErrorId}: {error}").ToList();
            Assert.True(faults.Count == 0, $"README.md, line {example.Line}: {string.Join(Environment.NewLine, faults)}");
        });
    }

    [Fact]
    public void Every_command_for_the_host_runs_without_an_error()
    {
        var commands = MarkdownExamples.Of(Markdown, "sh").SelectMany(example => HostCommand().Matches(example.Text)).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(commands);
        Assert.All(commands, command =>
        {
            var (exitCode, output, error) = HostProcess.Run("-Command", command);
            Assert.True(exitCode == 0 && error.Length == 0, $"{command}: {error}");
            Assert.NotEmpty(output);
        });
    }

    /// <summary>Examples write beside the models they read: they do it in a copy, with the built module of this checkout.</summary>
    private void CopyWhatExamplesUse()
    {
        Copy("examples/models/tiny-llama");
        Copy("examples/data");
        Copy("tests/OneComp.Tests/Data");
        var manifest = File.ReadAllText(Repository.Manifest).Replace("'module/", $"'{Repository.Root}/module/", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("OneComp.psd1"), manifest);
    }

    private void Copy(string folder)
    {
        var target = Directory.CreateDirectory(_folder.File(folder)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, folder)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    [GeneratedRegex(@"^dotnet run .*--project src/OneComp\.Host -- -Command '([^']*)'", RegexOptions.Multiline)]
    private static partial Regex HostCommand();
}
