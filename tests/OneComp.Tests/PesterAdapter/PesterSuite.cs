using System.Collections.Concurrent;
using OneComp.Tests.Support;

namespace OneComp.Tests.PesterAdapter;

/// <summary>Each It of tests/Pester, as a test of its own. A file runs once, when its first test is asked for.</summary>
public sealed class PesterSuite
{
    private const string WholeFile = "(the file)";
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Pester");
    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<PesterTest>>> Runs = [];
    private static readonly Lazy<IReadOnlyList<(string File, string Test, bool Skip)>> Found =
        new(() => [.. Directory.GetFiles(Folder, "*.Tests.ps1").Order(StringComparer.Ordinal).SelectMany(Discover).Distinct()]);

    public static IEnumerable<object[]> Tests => Found.Value.Where(found => !found.Skip).Select(found => new object[] { found.File, found.Test });

    public static IEnumerable<object[]> SkippedTests => Found.Value.Where(found => found.Skip).Select(found => new object[] { found.File, found.Test });

    [Theory]
    [MemberData(nameof(Tests))]
    [MemberData(nameof(SkippedTests), Skip = "-Skip in the file")]
    public void Passes(string file, string test)
    {
        var run = Runs.GetOrAdd(file, name => new(() => PesterFile.Run(Path.Combine(Folder, name)))).Value;
        var results = run.Where(result => result.Name == test).ToList();
        Assert.NotEmpty(results);
        var faults = results.SelectMany(result => result.Faults).ToList();
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    private static IEnumerable<(string File, string Test, bool Skip)> Discover(string path)
    {
        var file = Path.GetFileName(path);
        try
        {
            return PesterFile.Discover(path).Select(test => (file, test.Name, test.Skip));
        }
        catch (PesterFileException)
        {
            return [(file, WholeFile, false)]; // running it tells why
        }
    }
}
