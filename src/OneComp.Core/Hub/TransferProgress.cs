using System.Globalization;
using OneComp.Progress;

namespace OneComp.Hub;

/// <summary>How far a download is, in bytes and files; told a few times a second. Safe for several threads.</summary>
internal sealed class TransferProgress(string activity, long totalBytes, int totalFiles, IProgress<RunEvent>? events, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Lock _lock = new();
    private readonly long _started = clock.GetTimestamp();
    private long _lastTold;
    private long _there;
    private long _received;
    private int _files;

    /// <summary>Bytes that came over the network.</summary>
    public long BytesReceived => Interlocked.Read(ref _received);

    /// <summary>Files that were fetched or gone on with.</summary>
    public int FilesFetched { get; private set; }

    /// <summary>Bytes that an earlier try left.</summary>
    public void Resumed(long bytes) => Move(bytes, 0);

    /// <summary>Bytes that are there but must be fetched again.</summary>
    public void Lost(long bytes) => Move(-bytes, 0);

    /// <summary>Bytes that came.</summary>
    public void Received(long bytes) => Move(bytes, bytes);

    /// <summary>A file is in its place.</summary>
    /// <param name="bytes">Those that were there already.</param>
    /// <param name="fetched">Whether the hub was asked for it.</param>
    public void Placed(long bytes, bool fetched)
    {
        lock (_lock)
        {
            _files++;
            FilesFetched += fetched ? 1 : 0;
        }

        Move(bytes, 0);
    }

    private void Move(long there, long received)
    {
        lock (_lock)
        {
            _there += there;
            _received += received;
            if (_there >= totalBytes && _files == totalFiles)
            {
                events?.Report(new ProgressEvent(0, activity, "done", Math.Max(1, totalBytes), Math.Max(1, totalBytes)));
            }
            else if (_lastTold == 0 || clock.GetElapsedTime(_lastTold) >= Pause)
            {
                _lastTold = clock.GetTimestamp();
                events?.Report(new ProgressEvent(0, activity, Status(), Math.Min(_there, totalBytes - 1), totalBytes));
            }
        }
    }

    private string Status()
    {
        var seconds = clock.GetElapsedTime(_started).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture,
            $"{_files} of {totalFiles} files, {_there / 1e6:0.0} of {totalBytes / 1e6:0.0} MB, {(seconds > 0 ? _received / 1e6 / seconds : 0):0.0} MB/s");
    }
}
