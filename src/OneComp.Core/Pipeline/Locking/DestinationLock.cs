using System.Globalization;
using System.Text;
using OneComp.Progress;
using OneComp.Untrusted;

namespace OneComp.Pipeline.Locking;

/// <summary>
/// Keeps two runs from one destination: a file beside it, which appears whole, says whose it is, and is there while the run lasts. The lock
/// of a process that has ended is taken over; whether one on another machine has, nobody here can know.
/// </summary>
internal sealed class DestinationLock : IDisposable
{
    private const int Attempts = 5;
    private const long MostBytes = 1 << 16; // of a lock, which others may have written
    private readonly string _path;

    private DestinationLock(string path) => _path = path;

    /// <summary>The file that locks a destination.</summary>
    public static string FileOf(string destination)
    {
        destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        return Path.Combine(Path.GetDirectoryName(destination)!, $".{Path.GetFileName(destination)}.lock");
    }

    /// <summary>Takes the lock; disposing gives it back.</summary>
    /// <param name="destination">The folder to be; the one above it must be there.</param>
    /// <param name="progress">Told of a lock that was taken over.</param>
    /// <exception cref="DestinationException">Locked, LockUnreadable, or NotWritable.</exception>
    public static DestinationLock Take(string destination, IProgress<RunEvent>? progress)
    {
        var path = FileOf(destination);
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (TryCreate(path))
                {
                    return new DestinationLock(path);
                }

                RemoveStale(path, destination, progress);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DestinationException.Of(destination, "cannot be locked", "Choose another -Destination, or change the permissions of the folder above it.", exception);
        }

        throw new DestinationException(DestinationError.Locked, destination, $"'{destination}' cannot be locked: other runs take and leave its lock '{path}' all the time. Try again.");
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Once this process has ended, the next run takes the lock over.
        }
    }

    /// <summary>Written aside and moved there, unless another file is: nobody ever sees half of one.</summary>
    private static bool TryCreate(string path)
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Path.GetRandomFileName()}");
        try
        {
            using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(LockOwner.Current().ToJson().ToJsonString() + "\n"));
                file.Flush(flushToDisk: true);
            }

            return ExclusiveMove.Try(aside, path);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static void RemoveStale(string path, string destination, IProgress<RunEvent>? progress)
    {
        if (Read(path) is not { } content)
        {
            return; // given back since
        }

        var owner = LockOwner.Parse(content) ?? throw new DestinationException(DestinationError.LockUnreadable, destination, $"'{destination}' is locked by '{path}', which is not readable as a lock. If no run writes there, delete that file and try again.");
        if (!owner.IsGone)
        {
            var elsewhere = owner.Host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase) ? "" : $" Whether that run still goes on cannot be told from {Environment.MachineName}: if it does not, delete '{path}'.";
            throw new DestinationException(DestinationError.Locked, destination, $"'{destination}' is being written by another run: {owner}. Wait for it, or choose another -Destination.{elsewhere}");
        }

        // Moved away before it is deleted: of two runs that find it stale one gets it, and neither deletes the other's new lock.
        var taken = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Path.GetRandomFileName()}");
        try
        {
            File.Move(path, taken);
        }
        catch (FileNotFoundException)
        {
            return; // the other run was faster
        }

        if (Read(taken) is { } moved && moved.AsSpan().SequenceEqual(content))
        {
            File.Delete(taken);
            progress?.Report(new FactEvent(RunEventId.LockTakenOver, $"The lock of a run that has ended was taken over: {owner}."));
        }
        else
        {
            ExclusiveMove.Try(taken, path); // a new lock had come in between
        }
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return BoundedFile.Read(path, MostBytes);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
