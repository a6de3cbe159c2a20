using OneComp.Tests.Support;

namespace OneComp.Tests.Host;

/// <summary>What a scheduler sees of a script.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("function f { exit 9 }; f; 'not reached'", 9)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("Get-Nothing; 'goes on'", 3)]
    [InlineData("[CmdletBinding()] param() $PSCmdlet.WriteWarning('careful')", 3)]
    [InlineData("[CmdletBinding()] param() $PSCmdlet.WriteWarning('careful'); exit 0", 0)]
    [InlineData("$WarningPreference = 'SilentlyContinue'; & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('unseen') }", 0)]
    [InlineData("throw [System.OutOfMemoryException]::new()", 4)]
    [InlineData("throw [System.IO.IOException]::new('disk')", 1)]
    [InlineData("Get-Nothing; exit 6", 6)]
    [InlineData("dotnet exec no-such-file.dll *> $null", 0)]
    [InlineData("dotnet exec no-such-file.dll *> $null; exit 0", 0)]
    [InlineData("& ([scriptblock]::Create('exit 8')); 'not reached'", 8)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Nothing; 'not reached'", 2)]
    [InlineData("if ($true) {", 2)]
    public void The_exit_code_of_a_script_is_what_it_says(string text, int expected) => Assert.Equal(expected, Run(text).ExitCode);

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("'first'; Get-Nothing", 2)]
    [InlineData("Get-Nothing; 'last'", 3)]
    [InlineData("if ($true) {", 2)]
    public void The_exit_code_of_a_command_follows_its_last_statement(string text, int expected) => Assert.Equal(expected, HostProcess.Run("-Command", text).ExitCode);

    [Fact]
    public void The_exit_of_an_inner_script_is_not_the_scripts_own()
    {
        File.WriteAllText(_folder.File("inner.ps1"), "exit 5");
        var (exitCode, output, _) = Run("& \"$PSScriptRoot/inner.ps1\"; $LASTEXITCODE");
        Assert.Equal((0, "5"), (exitCode, output.Trim()));
    }

    private (int ExitCode, string Output, string Error) Run(string text)
    {
        var script = _folder.File("script.ps1");
        File.WriteAllText(script, text);
        return HostProcess.Run(script);
    }
}
