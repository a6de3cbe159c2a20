using OneComp.Reports;
using OneComp.Tests.Fuzz.Mutation;
using OneComp.Tests.Reports;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>A plan that was exported and edited: .xlsx, .csv, .json.</summary>
internal static class AssignmentTargets
{
    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return Target(scratch, "xlsx", ZipMutations.Any);
        yield return Target(scratch, "csv", TextMutations.Any);
        yield return Target(scratch, "json", JsonMutations.Any);
    }

    private static FuzzTarget Target(Scratch scratch, string extension, Func<Random, byte[], byte[]> mutate)
    {
        var seed = scratch.Path("seed." + extension);
        AssignmentFile.Write(seed, new AssignmentReport([.. SamplePlan.Rows(1, SamplePlan.Summary), SamplePlan.Row(-1, "lm_head", 16, plan: SamplePlan.Summary)]), force: true);
        return new FuzzTarget("assignment-" + extension, [File.ReadAllBytes(seed)], mutate, input => AssignmentImport.Read(scratch.Write("plan." + extension, input)));
    }
}
