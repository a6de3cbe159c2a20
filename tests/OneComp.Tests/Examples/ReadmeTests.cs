using System.Text.RegularExpressions;
using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>What README.md shows works as it stands, in the order in which it stands.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Markdown = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Every_PowerShell_example_runs_without_an_error()
    {
        Assert.NotEmpty(MarkdownExamples.Of(Markdown, "powershell"));
        using var folder = new ExampleFolder();
        folder.Run("README.md", Markdown);
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

    [GeneratedRegex(@"^dotnet run .*--project src/OneComp\.Host -- -Command '([^']*)'", RegexOptions.Multiline)]
    private static partial Regex HostCommand();
}
