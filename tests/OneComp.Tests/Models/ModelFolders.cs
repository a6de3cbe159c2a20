using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

/// <summary>Copies of the test models that a test may change.</summary>
internal static class ModelFolders
{
    public static string Architecture(string name) => Repository.Data("architectures", name);

    /// <summary>Copies a model folder into a temporary one.</summary>
    public static void Copy(string from, TemporaryFolder to)
    {
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, to.File(Path.GetFileName(file)));
        }
    }

    /// <summary>Copies a test model with config.json in transformers' older spelling.</summary>
    public static void CopyWithOlderConfig(string name, TemporaryFolder to)
    {
        Copy(Architecture(name), to);
        File.Move(to.File("config.v4.json"), to.File("config.json"), overwrite: true);
    }
}
