namespace OneComp.Runtime.Cuda;

/// <summary>Where a library of the CUDA toolkit may be, beside libtorch or where the system keeps it.</summary>
internal static class CudaLibraryFiles
{
    /// <summary>
    /// What to load, in order: files in the folder of libtorch and in the folders beside it that a PyTorch installation keeps NVIDIA's
    /// libraries in, newest first; the library by name.
    /// </summary>
    /// <param name="torchFolder">Folder of libtorch.</param>
    /// <param name="pattern">What the files are called: <c>libnvrtc.so*</c>.</param>
    /// <param name="names">What the system may know it as.</param>
    public static IReadOnlyList<string> Candidates(string torchFolder, string pattern, IReadOnlyList<string> names) =>
        [.. FilesIn(torchFolder, pattern), .. PipFolders(torchFolder).SelectMany(folder => FilesIn(folder, pattern)), .. names];

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
