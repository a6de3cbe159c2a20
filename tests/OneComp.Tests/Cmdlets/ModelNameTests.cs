using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What a user hears of a model that is not there.</summary>
public sealed class ModelNameTests : IDisposable
{
    private readonly PowerShellSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Invoke-OneComp no-such-model")]
    [InlineData("New-RtnQuantizer | Invoke-OneCompQuantization no-such-model q")]
    [InlineData("Get-OneCompModel no-such-model")]
    [InlineData("Test-OneCompModel no-such-model@main")]
    public void A_name_alone_is_told_what_an_id_looks_like(string script)
    {
        var error = _session.Invoke(script).Fails("PathNotFound", ErrorCategory.ObjectNotFound);
        Assert.StartsWith("There is no 'no-such-model", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("org/name", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-OneCompModel ./no-such-model")]
    [InlineData("Get-OneCompModel no/such/model")]
    [InlineData("Invoke-OneComp 'no such model'")]
    [InlineData("Import-OneCompAssignment no-such-plan.xlsx")]
    public void A_path_is_not(string script) =>
        Assert.DoesNotContain("org/name", _session.Invoke(script).Fails("PathNotFound", ErrorCategory.ObjectNotFound).Exception.Message, StringComparison.Ordinal);
}
