using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace OneComp.Loading;

/// <summary>
/// Holds the engine and its packages, from module/lib, apart from what PowerShell and other modules load. Natives come
/// from module/lib and module/torch: PowerShell's own lookup serves neither a custom context nor a "lib" prefix.
/// </summary>
internal sealed class OneCompLoadContext : AssemblyLoadContext
{
    private readonly string _library;
    private readonly string[] _nativeFolders;

    /// <summary>Makes the context over a built module folder.</summary>
    public OneCompLoadContext(string moduleFolder)
        : base("OneComp")
    {
        _library = Path.Combine(moduleFolder, "lib");
        _nativeFolders = [_library, Path.Combine(moduleFolder, "torch")];
    }

    /// <summary>The one context of the process, made on first use.</summary>
    public static OneCompLoadContext Instance { get; } =
        new(Path.GetDirectoryName(typeof(OneCompLoadContext).Assembly.Location)!);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(_library, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var folder in _nativeFolders)
        {
            foreach (var name in FileNames(unmanagedDllName))
            {
                var path = Path.Combine(folder, name);
                if (File.Exists(path))
                {
                    return NativeLibrary.Load(path);
                }
            }
        }

        return 0; // the runtime goes on with its own probing
    }

    private static string[] FileNames(string name)
    {
        var extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        return [name, name + extension, "lib" + name, "lib" + name + extension];
    }
}
