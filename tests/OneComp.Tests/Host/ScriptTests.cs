using OneComp.Tests.Support;

namespace OneComp.Tests.Host;

/// <summary>Scripts and command text in the host, as a user sees them: a process with streams and an exit code.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Arguments_bind_to_the_scripts_parameters()
    {
        var script = Script("""
            param([string] $Name, [int] $Count, [switch] $Fast, [switch] $Slow, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Name|$($Count + 1)|$Fast|$Slow|$($Rest -join ',')|$PSScriptRoot"
            """);
        var (exitCode, output, error) = HostProcess.Run(script, "-Name", "two words", "-Fast", "-Count:41", "-Slow:$false", "-5", "x y");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal($"two words|42|True|False|-5,x y|{_folder.Path}", output.Trim());
    }

    [Fact]
    public void Arguments_of_a_script_without_parameters_are_in_args()
    {
        var (_, output, _) = HostProcess.Run(Script("\"$($args.Count) $($args -join ',')\""), "a", "b c");
        Assert.Equal("2 a,b c", output.Trim());
    }

    [Fact]
    public void Results_go_to_the_output_and_all_else_to_the_error_stream()
    {
        var (_, output, error) = HostProcess.Run(Script("""
            [CmdletBinding()] param()
            'result'
            $PSCmdlet.WriteWarning('careful')
            $PSCmdlet.WriteVerbose('detail')
            Get-Nothing
            $Host.UI.WriteLine('spoken')
            """), "-Verbose");
        Assert.Equal(["result", "spoken"], output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("WARNING: careful", error, StringComparison.Ordinal);
        Assert.Contains("VERBOSE: detail", error, StringComparison.Ordinal);
        Assert.Contains("'Get-Nothing' is not recognized", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Redirected_streams_hold_no_colour_codes()
    {
        var (_, output, error) = HostProcess.Run("-Command", "[pscustomobject]@{ A = 1 }; $Host.UI.Write('Red', 'Black', 'red'); Get-Nothing");
        Assert.DoesNotContain('\u001b', output + error);
    }

    [Fact]
    public void A_terminating_error_names_the_line() =>
        Assert.Contains("script.ps1:2", HostProcess.Run(Script("'first'\nthrow 'bad'")).Error, StringComparison.Ordinal);

    [Fact]
    public void Text_that_does_not_parse_is_told() =>
        Assert.Contains("Missing closing '}'", HostProcess.Run("-Command", "if ($true) {").Error, StringComparison.Ordinal);

    [Fact]
    public void Objects_are_shown_as_tables_and_lists_by_the_engines_formatting()
    {
        var (_, output, _) = HostProcess.Run("-Command", "[pscustomobject]@{ Layer = 'q_proj'; Bits = 3 }");
        Assert.Equal(["Layer  Bits", "-----  ----", "q_proj    3"], output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Progress_is_a_plain_line_in_a_log()
    {
        var (_, _, error) = HostProcess.Run("-Command", """
            $record = [Management.Automation.ProgressRecord]::new(0, 'Quantizing', 'block 1 of 2')
            $Host.UI.WriteProgress(1, $record)
            $record.RecordType = 'Completed'
            $Host.UI.WriteProgress(1, $record)
            """);
        Assert.Equal(["Quantizing: block 1 of 2", "Quantizing: done"], error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_question_without_anybody_to_answer_is_an_error()
    {
        var (exitCode, _, error) = HostProcess.Run(Script("param([Parameter(Mandatory)] [string] $Name) $Name"));
        Assert.Equal(2, exitCode);
        Assert.Contains("Name", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expected")]
    [InlineData("There is no script", "nothing.ps1")]
    [InlineData("not an option", "-Nonsense")]
    [InlineData("needs the text", "-Command")]
    public void A_command_line_that_cannot_be_used_says_why_and_how(string reason, params string[] arguments)
    {
        var (exitCode, output, error) = HostProcess.Run(arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Contains("usage:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_an_answer_and_no_error()
    {
        var (exitCode, output, error) = HostProcess.Run("--help");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("usage:", output, StringComparison.Ordinal);
    }

    private string Script(string text)
    {
        var path = _folder.File("script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
