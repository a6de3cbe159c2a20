using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

public sealed class ModuleTests : IDisposable
{
    private readonly PowerShellSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Every_table_fits_in_the_console()
    {
        var text = _session.Display("Get-OneCompDevice");
        Assert.Contains("Backend", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, RecordingHost.Columns));
    }

    [Fact]
    public void The_module_can_be_removed_and_imported_again() => Assert.Equal(
        "cpu",
        _session.Invoke("param($Manifest) Remove-Module OneComp; Import-Module $Manifest; (Get-OneCompDevice cpu).Name", new { Repository.Manifest }).Single<string>());

    [Fact]
    public void Outside_the_tests_the_engine_has_a_load_context_of_its_own()
    {
        var (exitCode, output, error) = HostProcess.Run("-Command", """
            Import-Module ./OneComp.psd1
            $null = Get-OneCompDevice
            [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like 'OneComp*' } |
                ForEach-Object { "$($_.GetName().Name) $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name) $([IO.Path]::GetFileName([IO.Path]::GetDirectoryName($_.Location)))" }
            """);
        Assert.True(exitCode == 0, error);
        Assert.Equal(
            ["OneComp.Cmdlets Default module", "OneComp.Core OneComp lib", "OneComp.Host Default net10.0", "OneComp.Loader Default module"],
            output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
