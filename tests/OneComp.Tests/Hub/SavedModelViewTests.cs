using OneComp.Hub;
using OneComp.Tests.Support;

namespace OneComp.Tests.Hub;

public class SavedModelViewTests
{
    [Fact]
    public void A_saved_model_shows_as_a_table_within_the_console()
    {
        var saved = new SavedModel
        {
            Model = "/models/Llama-2-7b-hf",
            Id = "meta-llama/Llama-2-7b-hf",
            Revision = "main",
            Commit = FakeHub.Commit,
            Files = 12,
            Bytes = 13_477_000_000,
            FilesFetched = 12,
            BytesFetched = 13_400_000_000,
            Elapsed = TimeSpan.FromMinutes(2),
        };
        using var session = new PowerShellSession();
        var lines = session.Display("param($Saved) $Saved", new { Saved = saved }).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0).ToList();
        Assert.All(lines, line => Assert.InRange(line.Length, 1, RecordingHost.Columns));
        Assert.Equal(["Id", "Commit", "Files", "GB", "FetchedGB", "Model"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["meta-llama/Llama-2-7b-hf", "01234567", "12", "13.477", "13.400", "/models/Llama-2-7b-hf"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
