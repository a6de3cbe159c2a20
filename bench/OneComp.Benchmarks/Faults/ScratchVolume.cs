using System.Diagnostics;
using System.Globalization;

namespace OneComp.Benchmarks.Faults;

/// <summary>A small file system of its own: in memory, or ext4 in a file through a loop device. Needs root.</summary>
internal sealed class ScratchVolume : IDisposable
{
    private const int Block = 4096;
    private readonly string _filler;
    private bool _isMounted = true;

    private ScratchVolume(string folder, string? image) => (Folder, Image, _filler) = (folder, image, Path.Combine(folder, "filler"));

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>The file that it lies in; null in memory.</summary>
    public string? Image { get; }

    /// <summary>Free bytes.</summary>
    public long Free => new DriveInfo(Folder).AvailableFreeSpace;

    /// <summary>Mounts a file system in memory.</summary>
    public static ScratchVolume InMemory(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        Shell("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "tmpfs", folder);
        return new ScratchVolume(folder, null);
    }

    /// <summary>Makes and mounts ext4 in a file beside the folder.</summary>
    public static ScratchVolume InFile(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        var image = folder + ".img";
        using (var file = File.Create(image))
        {
            file.SetLength(bytes);
        }

        Shell("mkfs.ext4", "-q", "-F", "-m", "0", image);
        Shell("mount", "-o", "loop", image, folder);
        return new ScratchVolume(folder, image);
    }

    /// <summary>Leaves so many bytes free, filling the rest with a file.</summary>
    public void LeaveFree(long bytes)
    {
        File.Delete(_filler);
        using var file = File.Create(_filler);
        var zeros = new byte[1 << 20];
        while (Free > bytes + Block)
        {
            file.Write(zeros, 0, (int)Math.Min(zeros.Length, Free - bytes));
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Takes every byte that is free.</summary>
    public void Fill()
    {
        File.Delete(_filler);
        var zeros = new byte[1 << 16];
        for (var size = zeros.Length; size >= Block;)
        {
            try
            {
                using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
                file.Write(zeros, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>Deletes what fills it.</summary>
    public void FreeAgain() => File.Delete(_filler);

    /// <summary>Takes it from under whoever uses it: files that are open stay so, no other can be opened.</summary>
    public void Detach()
    {
        Shell("umount", "-l", Folder);
        _isMounted = false;
    }

    /// <summary>Mounts it again once nobody uses it any more.</summary>
    public void Attach()
    {
        Shell("mount", "-o", "loop", Image!, Folder);
        _isMounted = true;
    }

    /// <summary>Mounts it anew, with nothing of it in the system's cache.</summary>
    public void Remount()
    {
        Shell("umount", Folder);
        Shell("mount", "-o", "loop", Image!, Folder);
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Shell("umount", "-l", Folder);
            _isMounted = false;
        }

        if (Image is not null)
        {
            File.Delete(Image);
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    public static void Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }
}
