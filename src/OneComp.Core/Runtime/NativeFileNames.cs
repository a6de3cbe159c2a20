namespace OneComp.Runtime;

/// <summary>How this system spells a shared library's file name.</summary>
internal static class NativeFileNames
{
    /// <summary><c>c10</c> → c10.dll, libc10.so or libc10.dylib.</summary>
    public static string Of(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{library}.dylib"
        : $"lib{library}.so";
}
