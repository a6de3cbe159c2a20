using OneComp.Runtime;

namespace OneComp.Tests.Runtime;

public class InstalledFoldersTests
{
    [Fact]
    public void Candidates_begin_beside_the_engine_and_climb_to_the_root()
    {
        var engine = Path.Combine(Path.GetTempPath(), "repo", "module", "lib");
        var candidates = InstalledFolders.Candidates(engine, "torch");
        Assert.Equal(
            [
                Path.Combine(engine, "torch"),
                Path.Combine(Path.GetTempPath(), "repo", "module", "torch"),
                Path.Combine(Path.GetTempPath(), "repo", "module", "module", "torch"),
                Path.Combine(Path.GetTempPath(), "repo", "module", "torch"),
            ],
            candidates.Take(4));
        Assert.Equal(Path.Combine(Path.GetPathRoot(engine)!, "module", "torch"), candidates[^1]);
    }
}
