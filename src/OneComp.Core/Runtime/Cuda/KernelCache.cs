using System.Security.Cryptography;
using System.Text;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Compiled kernels on disk. A file's name is the hash of all that its content depends on; the content begins with its own hash, and
/// what does not match is compiled anew. A folder that cannot be used costs time alone.
/// </summary>
/// <param name="folder">Where the files are; null for no cache.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>In the user's folder for local caches; none where the system names no such folder.</summary>
    public static KernelCache OfUser()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new KernelCache(local.Length == 0 ? null : Path.Combine(local, "OneComp", "kernels"));
    }

    /// <summary>The compiled source, from the cache where it is there.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="capability">Compute capability of the GPU: 90.</param>
    /// <param name="driverVersion">Version of the CUDA driver.</param>
    /// <param name="compiler">Asked where the cache does not have it.</param>
    /// <exception cref="KernelException">The source does not compile.</exception>
    public byte[] Get(string source, int capability, int driverVersion, IKernelCompiler compiler)
    {
        var file = FileOf(source, capability, driverVersion, compiler.Version);
        if (file is not null && Read(file) is { } image)
        {
            return image;
        }

        var compiled = compiler.Compile(source, capability);
        if (file is not null)
        {
            Write(file, compiled);
        }

        return compiled;
    }

    private string? FileOf(string source, int capability, int driverVersion, string compilerVersion) => folder is null
        ? null
        : Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{compilerVersion}\n{capability}\n{driverVersion}\n{source}"))) + ".bin");

    private static byte[]? Read(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                return null;
            }

            var bytes = File.ReadAllBytes(file);
            return bytes.Length > SHA256.HashSizeInBytes
                && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))
                ? bytes[SHA256.HashSizeInBytes..]
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string file, byte[] image)
    {
        var temporary = $"{file}.{Guid.NewGuid():n}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(temporary, [.. SHA256.HashData(image), .. image]);
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary); // the next process compiles again
            }
        }
    }
}
