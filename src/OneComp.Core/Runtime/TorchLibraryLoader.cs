namespace OneComp.Runtime;

/// <summary>
/// Loads libtorch and LibTorchSharp by full path, dependencies first, so that whoever asks for them by name later
/// (TorchSharp's own probing, LibTorchSharp's dependency on libtorch) gets these.
/// No TorchSharp type may appear here: touching one starts that probing, which copies files out of the NuGet cache.
/// </summary>
internal static class TorchLibraryLoader
{
    private const string SharpLibrary = "LibTorchSharp";
    private const string NoSuchFile = "no such file";

    // NVIDIA's libraries that CUDA code on Windows loads by name while it runs (cuDNN's parts, NVRTC's builtins).
    private static readonly string[] LoadedByNameOnWindows = ["cu", "nv", "zlib", "caffe2_nvrtc"];

    /// <summary>Loads the library.</summary>
    /// <param name="torchFolder">Folder with another libtorch; null or empty for the one beside LibTorchSharp.</param>
    /// <param name="nativesFolders">Folders where LibTorchSharp may be; the first that has it is used.</param>
    /// <param name="open">Loads one file and returns its handle; throws where the system refuses.</param>
    /// <exception cref="RuntimeLoadException">A file is missing or does not load.</exception>
    public static TorchLibraries Load(string? torchFolder, IReadOnlyList<string> nativesFolders, Func<string, nint> open)
    {
        var natives = nativesFolders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, NativeFileNames.Of(SharpLibrary))))
            ?? throw NotFound(nativesFolders.Select(folder => Path.Combine(folder, NativeFileNames.Of(SharpLibrary))));
        var given = !string.IsNullOrWhiteSpace(torchFolder);
        var torch = given ? Path.GetFullPath(torchFolder!) : natives;
        string InTorch(string name) => Path.Combine(torch, NativeFileNames.Of(name));

        var hasCuda = File.Exists(InTorch("torch_cuda"));
        string[] order = hasCuda ? ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"] : ["c10", "torch_cpu", "torch"];
        var missing = order.Select(InTorch).Where(path => !File.Exists(path)).ToList();
        if (missing.Count > 0)
        {
            throw NotFound(missing, given ? $"no such file ({TorchRuntime.FolderVariable} names the folder)" : NoSuchFile);
        }

        foreach (var name in order)
        {
            Open(InTorch(name), open);
        }

        if (hasCuda && OperatingSystem.IsWindows())
        {
            OpenLoadedByName(torch, open);
        }

        return new TorchLibraries(torch, natives, hasCuda, Open(Path.Combine(natives, NativeFileNames.Of(SharpLibrary)), open));
    }

    private static nint Open(string path, Func<string, nint> open)
    {
        try
        {
            return open(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            var attempt = new LibraryAttempt(path, exception.Message);
            throw new RuntimeLoadException(TorchLibraryError.LoadFailed, [attempt], exception);
        }
    }

    /// <summary>Best effort, as which of them exist depends on the CUDA version and which are needed on the work.</summary>
    private static void OpenLoadedByName(string folder, Func<string, nint> open)
    {
        var files = Directory.EnumerateFiles(folder, "*.dll").Where(file => LoadedByNameOnWindows.Any(
            prefix => Path.GetFileName(file).StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
        foreach (var file in files.Order(StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                open(file);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                // Whoever needs it will say so.
            }
        }
    }

    private static RuntimeLoadException NotFound(IEnumerable<string> paths, string why = NoSuchFile) =>
        new(TorchLibraryError.NotFound, [.. paths.Select(path => new LibraryAttempt(path, why))]);
}
