using System.Runtime.InteropServices;

namespace OneComp.Pipeline.Locking;

/// <summary>
/// Gives a file a name that no other file may have. File.Move without overwriting looks first and renames then on Unix, so that of two that find nothing
/// one replaces the other's file; a hard link is made or refused in one step.
/// </summary>
internal static partial class ExclusiveMove
{
    private const int Exists = 17; // EEXIST

    /// <summary>Moves a file; false where there is one at <paramref name="to"/>.</summary>
    /// <param name="from">The file.</param>
    /// <param name="to">Its name to be, on the same volume.</param>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public static bool Try(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                if (Link(from, to) == 0)
                {
                    File.Delete(from);
                    return true;
                }

                if (Marshal.GetLastPInvokeError() == Exists)
                {
                    return false;
                }
            }
            catch (DllNotFoundException)
            {
                // A C library of another name: as where there are no links.
            }
        }

        try
        {
            File.Move(from, to, overwrite: false); // in one step on Windows; elsewhere a file system without links
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
