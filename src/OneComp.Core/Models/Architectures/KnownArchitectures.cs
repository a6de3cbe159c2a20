using OneComp.Safetensors;

namespace OneComp.Models.Architectures;

/// <summary>The architectures that can be read and run.</summary>
internal static class KnownArchitectures
{
    private static readonly IArchitecture[] All =
    [
        new LlamaArchitecture(),
        new MistralArchitecture(),
        new Qwen2Architecture(),
        new Qwen3Architecture(),
    ];

    /// <summary>Finds an architecture by its name.</summary>
    /// <param name="name">The name in config.json.</param>
    /// <param name="file">The file that names it, for the message.</param>
    /// <exception cref="ModelException">It is not known; the message lists those that are.</exception>
    public static IArchitecture Require(string name, string file) =>
        Array.Find(All, architecture => architecture.Name == name) ?? throw new ModelException(
            ModelError.ArchitectureUnknown, file,
            $"{file}: architecture {Quoted.Text(name)} is not known here, expected one of " +
            $"{string.Join(", ", All.Select(architecture => architecture.Name))}.");
}
