using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>
/// examples/fan-out.ps1, with functions in place of the cmdlets that reach another machine: a session is a name, and its work is a job in this
/// process. Waiting, receiving and removing jobs is the engine's own.
/// </summary>
public sealed class FanOutTests : IDisposable
{
    private const string StandIns = """
        $global:Log = [System.Collections.Generic.List[string]]::new()
        function global:New-PSSession {
            [CmdletBinding()] param([string[]] $HostName, [string[]] $ComputerName, [string] $ConfigurationName)
            $HostName + $ComputerName | Where-Object { $_ } | ForEach-Object {
                $global:Log.Add("open $_ $ConfigurationName")
                [pscustomobject]@{ ComputerName = $_ }
            }
        }
        function global:Invoke-Command {
            [CmdletBinding()] param($Session, [switch] $AsJob, [scriptblock] $ScriptBlock, [object[]] $ArgumentList)
            $global:Log.Add("run $($Session.ComputerName)")
            $text = "$ScriptBlock"
            $null, 1 | Where-Object { $_ } | ForEach-Object -AsJob:$AsJob -Parallel { $values = $using:ArgumentList; & ([scriptblock]::Create($using:text)) @values }
        }
        function global:Remove-PSSession { [CmdletBinding()] param($Session) $Session | ForEach-Object { $global:Log.Add("close $($_.ComputerName)") } }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public FanOutTests() => _session.Invoke(StandIns);

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_server_takes_one_model_at_a_time_and_every_result_comes_back()
    {
        string[] models = [.. Enumerable.Range(1, 3).Select(number => SmallModels.Write(_folder.File($"m{number}")))];

        var results = Run("-HostName one, two", models).Output;

        Assert.Equal(0, ExitCode());
        Assert.Equal(models, results.Select(result => $"{result.Properties["Model"].Value}").Order(StringComparer.Ordinal));
        Assert.All(results, result =>
        {
            Assert.Contains($"{result.Properties["Server"].Value}", (string[])["one", "two"]);
            Assert.InRange((double)result.Properties["EffectiveBits"].Value, 2, 5);
            Assert.True(Directory.Exists($"{result.Properties["Destination"].Value}"));
        });
        var log = _session.Invoke("$global:Log").All<string>();
        Assert.Equal(["open one ", "open two ", "run one", "run two"], log.Take(4));
        Assert.Equal(["close one", "close two"], log.TakeLast(2));
        Assert.Equal(7, log.Count);
    }

    [Fact]
    public void A_model_that_fails_on_its_server_is_named_and_the_others_are_done()
    {
        var results = Run("-ComputerName one", [_folder.File("missing"), SmallModels.Write(_folder.File("good"))]).Output;

        Assert.Equal(2, ExitCode());
        Assert.Equal(_folder.File("good"), $"{Assert.Single(results).Properties["Model"].Value}");
        var log = _session.Invoke("$global:Log").All<string>();
        Assert.Equal("open one PowerShell.7", log[0]);
        Assert.Equal("close one", log[^1]);
    }

    private InvocationResult Run(string servers, string[] models)
    {
        var result = _session.Invoke(
            $"param($Model, $To, $Module) & '{Path.Combine(Repository.Root, "examples", "fan-out.ps1")}' {servers} -Model $Model -Destination $To -Module $Module -NumCalibrationSamples 2 -MaxLength 32 -Device cpu",
            new { Model = models, To = _folder.File("out"), Module = Repository.Manifest });
        Assert.Null(result.Failure);
        return result;
    }

    private int ExitCode() => _session.Invoke("$LASTEXITCODE").Single<int>();
}
