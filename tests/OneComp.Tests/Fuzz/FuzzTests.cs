namespace OneComp.Tests.Fuzz;

/// <summary>A short run of every target. <c>bench -- fuzz</c> is the long one.</summary>
public class FuzzTests
{
    private const int Seed = 1;
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    // A loaded machine may take its time; the bench holds inputs to two seconds.
    private static readonly FuzzLimits Limits = new() { Time = TimeSpan.FromSeconds(20) };

    public static TheoryData<string, int> Targets
    {
        get
        {
            using var scratch = new Scratch();
            var data = new TheoryData<string, int>();
            foreach (var target in FuzzTargets.All(scratch))
            {
                data.Add(target.Name, target.Name switch
                {
                    "assignment-xlsx" or "tokenizer-json" or "quantized" => 300, // a millisecond and more each
                    _ => 2000,
                });
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Spoiled_files_are_read_or_refused_by_name(string name, int count)
    {
        using var scratch = new Scratch();
        var target = FuzzTargets.All(scratch).Single(candidate => candidate.Name == name);
        var report = await Task.Run(() => new FuzzRunner(target, Limits).Run(count, Seed)).WaitAsync(Hang);
        Assert.True(report.Failures.Count == 0, string.Join("\n", report.Failures.Select(failure => $"input {failure.Number}: {failure.Kind}\n{failure.Detail}")));
        Assert.True(report.NamedErrors > count / 10, $"only {report.NamedErrors} of {count} inputs were refused: are they spoiled?");
        Assert.True(report.Accepted > 0, "no input was accepted: are the seeds valid?");
    }
}
