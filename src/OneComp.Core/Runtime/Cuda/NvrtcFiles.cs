namespace OneComp.Runtime.Cuda;

/// <summary>Where NVRTC, the compiler for GPU kernels, may be.</summary>
internal static class NvrtcFiles
{
    /// <summary>Environment variable with the path of the NVRTC library.</summary>
    public const string Variable = "ONECOMP_NVRTC";

    /// <summary>What to load, in order: the file that <see cref="Variable"/> names and nothing else where it is set; <see cref="CudaLibraryFiles"/>.</summary>
    /// <param name="given">Value of the variable.</param>
    /// <param name="torchFolder">Folder of libtorch.</param>
    /// <param name="isWindows">Which names to look for.</param>
    public static IReadOnlyList<string> Candidates(string? given, string torchFolder, bool isWindows)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            return [given];
        }

        return isWindows
            ? CudaLibraryFiles.Candidates(torchFolder, "nvrtc64_*.dll", ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"])
            : CudaLibraryFiles.Candidates(torchFolder, "libnvrtc.so*", ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]);
    }
}
