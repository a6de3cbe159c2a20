using OneComp.Tests.Support;

namespace OneComp.Tests.Fuzz;

/// <summary>Inputs that once ended in something else than an error of ours, the smallest that were found of each kind.</summary>
public class FuzzCorpusTests
{
    private static readonly FuzzLimits Limits = new() { Time = TimeSpan.FromSeconds(20) };

    private static string Corpus => Path.Combine(Repository.Root, "tests", "OneComp.Tests", "Fuzz", "Corpus");

    public static TheoryData<string, string> Inputs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var path in Directory.EnumerateFiles(Corpus, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                data.Add(Path.GetFileName(Path.GetDirectoryName(path)!), Path.GetFileName(path));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task A_finding_stays_fixed(string name, string file)
    {
        using var scratch = new Scratch();
        var target = FuzzTargets.All(scratch).Single(candidate => candidate.Name == name);
        var runner = new FuzzRunner(target, Limits);
        await Task.Run(() => runner.Read(0, File.ReadAllBytes(Path.Combine(Corpus, name, file)))).WaitAsync(TimeSpan.FromMinutes(1));
        var failure = Assert.Single([.. runner.Run(0, 0).Failures.Select(found => $"{found.Kind}\n{found.Detail}"), "none"]);
        Assert.Equal("none", failure);
    }
}
