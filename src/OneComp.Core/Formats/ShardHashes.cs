using System.Security.Cryptography;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>
/// SHA-256 of files that are being written, in the background: each tensor is read back, out of the system's cache, once it is whole and
/// those before it were. Hashing gigabytes when all is written would take seconds in which nothing else is left to do.
/// </summary>
internal sealed class ShardHashes : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private volatile bool _ended; // nothing more is written
    private readonly Task<Dictionary<string, string>> _task;

    /// <summary>Begins.</summary>
    /// <param name="shards">The files with the names that they have while they are written; the caller keeps them until this is disposed.</param>
    public ShardHashes(IReadOnlyList<(SafetensorsWriter Writer, string Part)> shards) =>
        _task = Task.Factory.StartNew(() => Run(shards), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits for the last tensors, when all are written. A file that could not be read back is left out: whoever needs its hash reads it again.</summary>
    /// <returns>Lower-case hexadecimal digits by file name.</returns>
    public IReadOnlyDictionary<string, string> Finish(CancellationToken token)
    {
        _ended = true;
        using (token.Register(_stop.Cancel))
        {
            var hashes = _task.GetAwaiter().GetResult();
            token.ThrowIfCancellationRequested();
            return hashes;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _task.GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private Dictionary<string, string> Run(IReadOnlyList<(SafetensorsWriter Writer, string Part)> shards)
    {
        var hashes = new Dictionary<string, string>();
        foreach (var (writer, part) in shards)
        {
            try
            {
                if (Hash(writer, part) is { } hash)
                {
                    hashes.Add(Path.GetFileName(writer.Path), hash);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
            }
        }

        return hashes;
    }

    /// <summary>The file's hash; null when told to stop, and where data is missing.</summary>
    private string? Hash(SafetensorsWriter writer, string part)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[PieceBytes];
        long done = 0;
        foreach (var tensor in writer.Tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteCount))
        {
            while (!writer.IsWritten(tensor.Name) && !_stop.IsCancellationRequested)
            {
                if (_ended && !writer.IsWritten(tensor.Name))
                {
                    return null; // the file lacks data, which its Commit says
                }

                _stop.Token.WaitHandle.WaitOne(Pause);
            }

            for (var end = tensor.Offset + tensor.ByteCount; done < end;)
            {
                if (_stop.IsCancellationRequested)
                {
                    return null;
                }

                var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - done)), done);
                if (count == 0)
                {
                    throw new EndOfStreamException(part);
                }

                hash.AppendData(buffer, 0, count);
                done += count;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
