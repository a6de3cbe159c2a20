namespace OneComp.Hub;

/// <summary>
/// A lock between processes: a file held open alone. On Unix that is flock, as Python's filelock takes it, and on Windows a file
/// that others cannot open, which filelock takes for held: so the two respect each other.
/// </summary>
internal static class FileLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the lock is ours; disposing gives it back.</summary>
    /// <param name="path">The lock's file, made with its folder where it is not there.</param>
    /// <param name="waiting">Called once, when another process holds it.</param>
    /// <param name="token">Stops the wait.</param>
    public static async Task<IDisposable> TakeAsync(string path, Action waiting, CancellationToken token)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException exception) when (File.Exists(path) && exception.GetType() == typeof(IOException))
            {
                if (!told)
                {
                    waiting();
                }

                await Task.Delay(Poll, token).ConfigureAwait(false);
            }
        }
    }
}
