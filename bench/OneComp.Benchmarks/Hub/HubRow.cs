namespace OneComp.Benchmarks.Hub;

/// <summary>What a run measured. Speeds in MB (1e6 bytes) a second, medians of three; hub and client share the processors.</summary>
internal sealed record HubRow
{
    public required long Bytes { get; init; }

    public required int Shards { get; init; }

    public required int Processors { get; init; }

    /// <summary>Plain writes of the same bytes, brought to the disk.</summary>
    public required double DiskMBs { get; init; }

    /// <summary>The same files received from the same hub and thrown away.</summary>
    public required double LoopbackMBs { get; init; }

    /// <summary>SHA-256 on one processor.</summary>
    public required double HashMBs { get; init; }

    /// <summary>The download, verified and brought to the disk.</summary>
    public required double DownloadMBs { get; init; }

    public double ShareOfDisk => DownloadMBs / DiskMBs;

    public double ShareOfLoopback => DownloadMBs / LoopbackMBs;

    public required KillRow? Kills { get; init; }
}

/// <summary>What kills cost.</summary>
internal sealed record KillRow
{
    public required int Kills { get; init; }

    public required int ChunkBytes { get; init; }

    /// <summary>What the hub sends at most.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Whether all files had the right hash at the end.</summary>
    public required bool HashesRight { get; init; }

    /// <summary>The most bytes of one file that were asked for although they had been written: 0 when each process goes on at the partial file's end.</summary>
    public required long MostWrittenBytesAskedForAgain { get; init; }

    /// <summary>
    /// Bytes of one kill that the hub had handed to its sockets and that were not in a partial file, over all files at once: chunks being
    /// filled, and what was on its way in the sockets' buffers. Mean and most.
    /// </summary>
    public required double MeanBytesLost { get; init; }

    public required long MostBytesLost { get; init; }
}
