using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>Paths come from the session's location, which is not the process's folder.</summary>
public sealed class SessionPathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new(typeof(ResolveProbeCommand));

    public SessionPathsTests()
    {
        File.WriteAllText(_folder.File("a.txt"), "");
        File.WriteAllText(_folder.File("b.txt"), "");
        File.WriteAllText(_folder.File("[x].txt"), "");
        _session.Invoke("param($Path) $null = $ExecutionContext.SessionState.Path.SetLocation($Path)", new { _folder.Path });
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Resolve-Probe a.txt", "a.txt")]
    [InlineData("Resolve-Probe a*", "a.txt")]
    [InlineData("Resolve-Probe '[x].txt' -Literal", "[x].txt")]
    [InlineData("Resolve-Probe '[x].txt'", "[x].txt")] // nothing matches, but such a file is there
    [InlineData("Resolve-Probe new/file -Destination", "new/file")]
    [InlineData("Resolve-Probe '[new]*' -Destination", "[new]*")]
    public void A_path_is_resolved_from_the_sessions_location(string script, string expected) =>
        Assert.Equal(Path.GetFullPath(_folder.File(expected)), _session.Invoke(script).Single<string>());

    [Fact]
    public void The_location_itself_ends_without_a_separator() =>
        Assert.Equal(_folder.Path, _session.Invoke("Resolve-Probe ./").Single<string>());

    [Theory]
    [InlineData("Resolve-Probe nothing", "PathNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Resolve-Probe nothing*", "PathNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Resolve-Probe nothing -Literal", "PathNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Resolve-Probe nodrive:x", "PathNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Resolve-Probe nodrive:x -Destination", "PathNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Resolve-Probe *.txt", "PathAmbiguous", ErrorCategory.InvalidArgument)]
    [InlineData("Resolve-Probe variable:HOME", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("Resolve-Probe env:x -Destination", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    public void A_path_at_fault_ends_the_cmdlet_with_its_own_id(string script, string errorId, ErrorCategory category) =>
        _session.Invoke(script).Fails(errorId, category);

    [Fact]
    public void Of_many_paths_only_the_one_at_fault_is_an_error()
    {
        var result = _session.Invoke("Resolve-Probe -Many a.txt, nothing, b*");
        Assert.Equal(new[] { "a.txt", "b.txt" }.Select(_folder.File), result.Output.Select(item => item.BaseObject));
        Assert.Equal("nothing", result.Fails("PathNotFound", ErrorCategory.ObjectNotFound).TargetObject);
    }
}
