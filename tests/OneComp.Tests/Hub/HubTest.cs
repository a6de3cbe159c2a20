using OneComp.Hub;
using OneComp.Progress;
using OneComp.Tests.Support;

namespace OneComp.Tests.Hub;

/// <summary>A fake hub, a cache and a destination of a test's own.</summary>
public abstract class HubTest : IAsyncLifetime, IProgress<RunEvent>
{
    private protected const int Chunk = 10_000;
    private readonly List<RunEvent> _events = [];

    private protected TemporaryFolder Folder { get; } = new();

    private protected InstantClock Clock { get; } = new();

    private protected FakeHub Hub { get; private set; } = null!;

    private protected HubSettings Settings { get; set; } = null!;

    private protected string Destination => Folder.File("model");

    private protected string Cache => Folder.File("cache");

    private protected HubCache CacheOfModel => new(Cache, HubModelId.Parse(FakeHub.Id));

    private protected IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public async Task InitializeAsync()
    {
        Hub = await FakeHub.StartAsync();
        Settings = new HubSettings
        {
            Endpoint = Hub.Endpoint,
            CacheFolder = Cache,
            RetryClock = Clock,
            ChunkBytes = Chunk,
            IdleTimeout = TimeSpan.FromSeconds(20),
        };
    }

    public async Task DisposeAsync()
    {
        await Hub.DisposeAsync();
        Folder.Dispose();
    }

    void IProgress<RunEvent>.Report(RunEvent value)
    {
        lock (_events)
        {
            _events.Add(value);
        }
    }

    private protected SavedModel Save(HubDownloadOptions? options = null, CancellationToken token = default) =>
        HubDownload.Run(options ?? ToFolder(), Settings, this, token);

    private protected HubDownloadOptions ToFolder(params string[] include) => new() { Id = HubModelId.Parse(FakeHub.Id), Destination = Destination, Include = include };

    private protected HubDownloadOptions ToCache(params string[] include) => ToFolder(include) with { Destination = null };

    private protected HubException Fails(HubError error, HubDownloadOptions? options = null)
    {
        var exception = Assert.Throws<HubException>(() => Save(options));
        Assert.Equal((error, "Hub" + error), (exception.Error, exception.ErrorId));
        return exception;
    }

    /// <summary>Makes the hub hold one large file of so many bytes, and gives them.</summary>
    private protected byte[] HoldOneFile(int bytes = 10 * Chunk)
    {
        var content = FakeFile.Bytes(bytes);
        Hub.Files.Add(FakeFile.Large("model.safetensors", content));
        return content;
    }

    private protected byte[] Saved(string name = "model.safetensors") => File.ReadAllBytes(Path.Combine(Destination, name));

    /// <summary>All files below the test's folder, relative.</summary>
    private protected IEnumerable<string> AllFiles() =>
        Directory.EnumerateFiles(Folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder.Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal);
}
