using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>examples/scheduling: the task of Windows with a module in place of ScheduledTasks that says what it is told; the units of systemd as text.</summary>
public sealed class ScheduleTests : IDisposable
{
    private static readonly string Scheduling = Path.Combine(Repository.Root, "examples", "scheduling");
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public ScheduleTests()
    {
        Directory.CreateDirectory(_folder.File("ScheduledTasks"));
        File.WriteAllText(_folder.File("ScheduledTasks/ScheduledTasks.psm1"), """
            function New-ScheduledTaskAction { [CmdletBinding()] param([string] $Execute, [string] $Argument) "$Execute $Argument" }
            function New-ScheduledTaskTrigger { [CmdletBinding()] param([switch] $Daily, [datetime] $At) "daily $Daily $($At.ToString('HH:mm'))" }
            function New-ScheduledTaskPrincipal { [CmdletBinding()] param([string] $UserId, [ValidateSet('None', 'Password', 'S4U', 'Interactive', 'Group', 'ServiceAccount', 'InteractiveOrPassword')] [string] $LogonType) "$UserId $LogonType" }
            function New-ScheduledTaskSettingsSet { [CmdletBinding()] param([ValidateSet('Parallel', 'Queue', 'IgnoreNew')] [string] $MultipleInstances, [switch] $StartWhenAvailable, [timespan] $ExecutionTimeLimit) "$MultipleInstances $StartWhenAvailable $ExecutionTimeLimit" }
            function Register-ScheduledTask { [CmdletBinding()] param([string] $TaskName, $Action, $Trigger, $Principal, $Settings, [string] $Description, [switch] $Force) $TaskName, $Action, $Trigger, $Principal, $Settings }
            """);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(@"CONTOSO\onecomp$", "Password")]
    [InlineData(@"NT AUTHORITY\SYSTEM", "ServiceAccount")]
    public void The_task_runs_pwsh_on_the_script_as_the_account(string account, string logon)
    {
        if (!MayRegister)
        {
            return;
        }

        var told = Register(account, "").All<string>();
        Assert.Equal(
            ["OneComp nightly", told[1], "daily True 02:15", $"{account} {logon}", "IgnoreNew True 20:00:00"],
            told);
        Assert.Equal($"pwsh.exe -NoProfile -NonInteractive -File \"{Path.Combine(Repository.Root, "examples", "nightly-batch.ps1")}\" -Models \"/the models\" -Destination \"/out\" -TargetBit 3.5 -Module \"OneComp\"", told[1]);
    }

    [Fact]
    public void WhatIf_registers_nothing()
    {
        if (MayRegister)
        {
            Assert.Empty(Register(@"CONTOSO\onecomp$", "-WhatIf").All<object>());
        }
    }

    [Theory]
    [InlineData("onecomp-nightly.service", "ExecStart=")]
    [InlineData("crontab.txt", "30 1 * * * ")]
    public void The_twins_call_the_script_with_parameters_that_it_has(string file, string start)
    {
        var command = File.ReadAllLines(Path.Combine(Scheduling, file)).Single(line => line.StartsWith(start, StringComparison.Ordinal));
        var script = System.Text.RegularExpressions.Regex.Match(command, @"-File \S+/examples/(\S+)").Groups[1].Value;
        var known = _session.Invoke("param($Path) (Get-Command $Path).Parameters.Keys", new { Path = Path.Combine(Repository.Root, "examples", script) }).All<string>();
        var used = System.Text.RegularExpressions.Regex.Matches(command[command.IndexOf(script, StringComparison.Ordinal)..], @" -(\w+) ").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["Models", "Destination", "TargetBit", "Module"], used);
        Assert.Superset(used.ToHashSet(), known.ToHashSet());
    }

    // The script asks for an elevated prompt, which only Windows has.
    private static bool MayRegister => !OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess;

    private InvocationResult Register(string account, string more) => _session.Invoke(
        $$"""
        param($Account, $Modules)
        $before = $env:PSModulePath
        $env:PSModulePath = $Modules
        try { & '{{Path.Combine(Scheduling, "register-nightly.ps1")}}' -Models '/the models' -Destination /out -Account $Account -TargetBit 3.5 -At 02:15 {{more}} }
        finally { $env:PSModulePath = $before; Remove-Module ScheduledTasks -ErrorAction Ignore }
        """,
        new { Account = account, Modules = _folder.Path });
}
