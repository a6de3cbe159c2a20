namespace OneComp.Runtime.Cuda;

/// <summary>Where NVRTC, the compiler for GPU kernels, may be.</summary>
internal static class NvrtcFiles
{
    /// <summary>Environment variable with the path of the NVRTC library.</summary>
    public const string Variable = "ONECOMP_NVRTC";

    /// <summary>
    /// What to load, in order: the file that <see cref="Variable"/> names and nothing else where it is set; files in the folder
    /// of libtorch and in the folders beside it that a PyTorch installation keeps NVIDIA's libraries in; the library by name.
    /// </summary>
    /// <param name="given">Value of the variable.</param>
    /// <param name="torchFolder">Folder of libtorch.</param>
    /// <param name="isWindows">Which names to look for.</param>
    public static IReadOnlyList<string> Candidates(string? given, string torchFolder, bool isWindows)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            return [given];
        }

        var pattern = isWindows ? "nvrtc64_*.dll" : "libnvrtc.so*";
        string[] names = isWindows ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"] : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"];
        return [.. FilesIn(torchFolder, pattern), .. PipFolders(torchFolder).SelectMany(folder => FilesIn(folder, pattern)), .. names];
    }

    /// <summary>site-packages/torch/lib → site-packages/nvidia/*/lib (bin on Windows).</summary>
    private static IEnumerable<string> PipFolders(string torchFolder)
    {
        var nvidia = Path.GetFullPath(Path.Combine(torchFolder, "..", "..", "nvidia"));
        return Directory.Exists(nvidia)
            ? Directory.EnumerateDirectories(nvidia).Order(StringComparer.Ordinal).SelectMany(folder => (string[])[Path.Combine(folder, "lib"), Path.Combine(folder, "bin")])
            : [];
    }

    /// <summary>Newest first; the .alt variants lack code generation for some targets.</summary>
    private static IEnumerable<string> FilesIn(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, pattern)
            .Where(file => !Path.GetFileName(file).Contains("alt", StringComparison.OrdinalIgnoreCase))
            .OrderDescending(StringComparer.Ordinal)
        : [];
}
