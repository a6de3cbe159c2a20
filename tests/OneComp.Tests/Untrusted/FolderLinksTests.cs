using OneComp.Formats;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Untrusted;

/// <summary>A model folder does not choose which files of this machine are read (docs/adr/0030).</summary>
public sealed class FolderLinksTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public FolderLinksTests() => Directory.CreateDirectory(_root.File("model"));

    private string Folder => _root.File("model");

    public void Dispose() => _root.Dispose();

    [LinkTheory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt")]
    public void A_link_to_elsewhere_is_refused_by_name(string name)
    {
        CopyModel();
        File.Move(InFolder(name), _root.File("elsewhere"));
        File.CreateSymbolicLink(InFolder(name), _root.File("elsewhere"));
        var error = Assert.Throws<SafetensorsException>(Read);
        Assert.Equal((SafetensorsError.LinkOutsideFolder, "SafetensorsLinkOutsideFolder"), (error.Error, error.ErrorId));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("ONECOMP_ALLOW_LINKS", error.Message, StringComparison.Ordinal);
    }

    [LinkFact]
    public void So_is_one_by_way_of_a_linked_folder()
    {
        CopyModel();
        Directory.CreateDirectory(_root.File("elsewhere"));
        File.Move(InFolder("config.json"), _root.File("elsewhere/config.json"));
        Directory.CreateSymbolicLink(InFolder("sub"), _root.File("elsewhere"));
        File.CreateSymbolicLink(InFolder("config.json"), Path.Combine("sub", "config.json"));
        Assert.Equal(SafetensorsError.LinkOutsideFolder, Assert.Throws<SafetensorsException>(Read).Error);
    }

    [LinkFact]
    public void Links_in_a_circle_are_an_error_of_ours()
    {
        CopyModel();
        File.Delete(InFolder("config.json"));
        File.CreateSymbolicLink(InFolder("config.json"), "config.json");
        Assert.IsAssignableFrom<Errors.OneCompException>(Record.Exception(Read));
    }

    [LinkFact]
    public void A_link_within_the_folder_is_followed()
    {
        CopyModel();
        File.Move(InFolder("model.safetensors"), InFolder("weights"));
        File.CreateSymbolicLink(InFolder("model.safetensors"), "weights");
        Read();
    }

    [LinkFact]
    public void The_folder_itself_may_be_a_link()
    {
        CopyModel();
        Directory.CreateSymbolicLink(_root.File("link"), Folder);
        ModelFolder.OpenSource(_root.File("link")).Dispose();
    }

    [LinkFact]
    public void A_snapshot_of_the_cache_has_its_files_in_its_own_blobs()
    {
        CopyModel();
        Snapshot(blobsOf: "models--org--name");
        ModelFolder.OpenSource(SnapshotFolder).Dispose();
    }

    [LinkFact]
    public void Those_of_another_model_are_not_its_own()
    {
        CopyModel();
        Snapshot(blobsOf: "models--org--other");
        Assert.Equal(SafetensorsError.LinkOutsideFolder, Assert.Throws<SafetensorsException>(() => ModelFolder.OpenSource(SnapshotFolder).Dispose()).Error);
    }

    [LinkFact]
    public void Ones_own_links_can_be_allowed()
    {
        CopyModel();
        File.Move(InFolder("config.json"), _root.File("elsewhere"));
        File.CreateSymbolicLink(InFolder("config.json"), _root.File("elsewhere"));
        Environment.SetEnvironmentVariable(FolderLinks.Variable, "1");
        try
        {
            Read();
        }
        finally
        {
            Environment.SetEnvironmentVariable(FolderLinks.Variable, null);
        }
    }

    private string SnapshotFolder => _root.File("hub/models--org--name/snapshots/0123456789abcdef0123456789abcdef01234567");

    private string InFolder(string name) => Path.Combine(Folder, name);

    private void Read()
    {
        ModelFolder.OpenSource(Folder).Dispose();
        TokenizerLoader.Load(Folder);
    }

    private void CopyModel()
    {
        foreach (var file in Directory.GetFiles(Repository.TinyLlama))
        {
            File.Copy(file, InFolder(Path.GetFileName(file)));
        }

        File.WriteAllText(InFolder("vocab.txt"), "beside the weights");
    }

    private void Snapshot(string blobsOf)
    {
        var blobs = Directory.CreateDirectory(_root.File($"hub/{blobsOf}/blobs")).FullName;
        Directory.CreateDirectory(SnapshotFolder);
        foreach (var file in Directory.GetFiles(Folder))
        {
            var blob = Path.Combine(blobs, Guid.NewGuid().ToString("n"));
            File.Move(file, blob);
            var link = Path.Combine(SnapshotFolder, Path.GetFileName(file));
            File.CreateSymbolicLink(link, Path.GetRelativePath(SnapshotFolder, blob));
        }
    }
}
