using OneComp.Safetensors;

namespace OneComp.Hub;

/// <summary>Where the hub and the cache are, and how to ask.</summary>
public sealed record HubSettings
{
    /// <summary>Address of the hub or of a mirror; may have a path.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Folder of the cache, laid out as Hugging Face's tools do.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Access token; null to ask as anybody.</summary>
    public HubToken? Token { get; init; }

    /// <summary>True to use the cache alone.</summary>
    public bool Offline { get; init; }

    /// <summary>Files fetched at once, at least 1.</summary>
    public int MaxParallel { get; init; } = 4;

    /// <summary>Bytes that are read before they are written; what a break can cost.</summary>
    internal int ChunkBytes { get; init; } = 1 << 18;

    /// <summary>Without a byte for so long, a connection counts as broken.</summary>
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further tries of a request that brings nothing.</summary>
    internal int Retries { get; init; } = 6;

    /// <summary>The clock of the waits between tries.</summary>
    internal TimeProvider RetryClock { get; init; } = TimeProvider.System;

    /// <summary>Makes a link; throws an IOException or UnauthorizedAccessException where the system allows none.</summary>
    internal Action<string, string> Link { get; init; } = static (path, target) => File.CreateSymbolicLink(path, target);

    /// <summary>Bytes free where a folder is; null where the system does not say.</summary>
    internal Func<string, long?> FreeSpace { get; init; } = DiskSpace.FreeAt;

    /// <summary>
    /// The settings that the environment gives, by the variables of Hugging Face's tools: HF_ENDPOINT, HF_HUB_CACHE,
    /// HUGGINGFACE_HUB_CACHE, HF_HOME, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE.
    /// </summary>
    /// <exception cref="HubException">HF_ENDPOINT or the token cannot be used.</exception>
    public static HubSettings FromEnvironment() => HubEnvironment.Read(Environment.GetEnvironmentVariable);
}
