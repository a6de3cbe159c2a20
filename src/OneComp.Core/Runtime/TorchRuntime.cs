using System.Runtime.InteropServices;

namespace OneComp.Runtime;

/// <summary>
/// Loads the tensor library. Call <see cref="EnsureLoaded"/> before the first use of a TorchSharp type.
/// </summary>
public static class TorchRuntime
{
    /// <summary>
    /// Environment variable with a folder of another libtorch, such as <c>torch/lib</c> of a PyTorch installation.
    /// LibTorchSharp still comes with the module.
    /// </summary>
    public const string FolderVariable = "ONECOMP_TORCH_LIB";

    private static readonly Lock Gate = new();
    private static volatile TorchLibraries? _libraries;

    /// <summary>Folder that libtorch was loaded from. Loads it first where needed.</summary>
    /// <exception cref="RuntimeLoadException">The library cannot be loaded.</exception>
    public static string TorchFolder => Libraries().TorchFolder;

    /// <summary>Whether libtorch came with its CUDA part; says nothing about a GPU. Loads it first where needed.</summary>
    /// <exception cref="RuntimeLoadException">The library cannot be loaded.</exception>
    public static bool HasCuda => Libraries().HasCuda;

    /// <summary>Loads libtorch and LibTorchSharp once; later calls return at once. After a failure the next call tries anew.</summary>
    /// <exception cref="RuntimeLoadException">The library cannot be loaded; the message lists what was tried.</exception>
    public static void EnsureLoaded() => Libraries();

    /// <summary>Address of a function that LibTorchSharp exports.</summary>
    /// <exception cref="RuntimeLoadException">The library cannot be loaded.</exception>
    internal static nint Export(string name) => NativeLibrary.GetExport(Libraries().LibTorchSharp, name);

    private static TorchLibraries Libraries()
    {
        if (_libraries is { } loaded)
        {
            return loaded;
        }

        lock (Gate)
        {
            return _libraries ??= TorchLibraryLoader.Load(
                Environment.GetEnvironmentVariable(FolderVariable),
                InstalledFolders.Candidates(InstalledFolders.Engine, "torch"),
                Open);
        }
    }

    /// <summary>
    /// Windows looks for a library's dependencies beside it only when asked to; elsewhere the files say so themselves.
    /// </summary>
    private static nint Open(string path) => OperatingSystem.IsWindows()
        ? NativeLibrary.Load(
            path, typeof(TorchRuntime).Assembly,
            DllImportSearchPath.UseDllDirectoryForDependencies | DllImportSearchPath.SafeDirectories)
        : NativeLibrary.Load(path);
}
