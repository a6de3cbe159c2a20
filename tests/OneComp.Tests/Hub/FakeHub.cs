using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OneComp.Tests.Hub;

/// <summary>
/// The hub's endpoints on loopback, by Kestrel: the list of files and small files at one port, large files at another, which
/// plays the storage host that the hub redirects to. <see cref="Fault"/> makes it fail.
/// </summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public const string Id = "acme/tiny";
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<FakeRequest> _requests = [];
    private readonly Uri _storage;
    private readonly Stopwatch _pace = Stopwatch.StartNew();
    private TimeSpan _due;
    private long _sent;

    private FakeHub(WebApplication app, Uri endpoint, Uri storage) => (_app, Endpoint, _storage) = (app, endpoint, storage);

    public Uri Endpoint { get; }

    public List<FakeFile> Files { get; } = [];

    /// <summary>What goes wrong with a request; null for nothing.</summary>
    public Func<FakeRequest, FakeFault?> Fault { get; set; } = _ => null;

    /// <summary>Whether the list states sizes and hashes.</summary>
    public bool ListsFacts { get; set; } = true;

    /// <summary>Bytes a second that all answers together send at most; null for no limit.</summary>
    public double? BytesPerSecond { get; set; }

    /// <summary>All requests so far, in their order.</summary>
    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>Requests for bytes of files.</summary>
    public IReadOnlyList<FakeRequest> Fetches => [.. _requests.Where(request => request is { Method: "GET", File: not null, IsRedirected: false })];

    /// <summary>Bytes of bodies handed to the sockets.</summary>
    public long BytesSent => Interlocked.Read(ref _sent);

    public static async Task<FakeHub> StartAsync(params FakeFile[] files)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        FakeHub? hub = null;
        app.Run(context => hub!.AnswerAsync(context));
        await app.StartAsync();
        var urls = app.Urls.Select(url => new Uri(url + "/")).ToList();
        hub = new FakeHub(app, urls[0], urls[1]);
        hub.Files.AddRange(files);
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = Read(context);
        _requests.Enqueue(request);
        var fault = Fault(request);
        if (fault?.Wait is { } wait)
        {
            await wait();
        }

        foreach (var (name, value) in fault?.Headers ?? [])
        {
            context.Response.Headers[name] = value;
        }

        if (fault?.Status is { } status)
        {
            context.Response.StatusCode = status;
        }
        else if (request.File is null)
        {
            await ListAsync(context, fault);
        }
        else if (Files.FirstOrDefault(file => file.Name == request.File) is not { } file)
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = "EntryNotFound";
        }
        else if (request.IsRedirected)
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = $"{_storage}store/{Uri.EscapeDataString(file.Name)}?signature=secret";
            context.Response.Headers["X-Linked-Size"] = file.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Linked-Etag"] = $"\"{file.Hash}\"";
        }
        else
        {
            await SendAsync(context, file, request.Offset, fault);
        }
    }

    private async Task PaceAsync(int bytes, CancellationToken aborted)
    {
        if (BytesPerSecond is not { } rate)
        {
            return;
        }

        TimeSpan ahead;
        lock (_pace)
        {
            var now = _pace.Elapsed;
            _due = TimeSpan.FromTicks(Math.Max(now.Ticks, _due.Ticks)) + TimeSpan.FromSeconds(bytes / rate);
            ahead = _due - now;
        }

        if (ahead > TimeSpan.FromMilliseconds(5)) // timers are no finer
        {
            await Task.Delay(ahead, aborted);
        }
    }

    private FakeRequest Read(HttpContext context)
    {
        var http = context.Request;
        var path = http.Path.Value!;
        var isStorage = context.Connection.LocalPort == _storage.Port;
        var file = isStorage ? Uri.UnescapeDataString(path["/store/".Length..])
            : path.IndexOf("/resolve/", StringComparison.Ordinal) is var at and > 0 ? path[(at + "/resolve/".Length + Commit.Length + 1)..]
            : null;
        var range = http.GetTypedHeaders().Range?.Ranges.Single().From;
        return new FakeRequest(
            http.Method, path, isStorage, file, range ?? 0, http.Headers.Authorization.ToString(),
            IsRedirected: !isStorage && Files.Any(item => item.Name == file && item.IsLarge),
            _requests.Count(earlier => earlier.File == file && earlier.IsStorage == isStorage));
    }

    private async Task ListAsync(HttpContext context, FakeFault? fault) => await context.Response.WriteAsync(fault?.Body ?? JsonSerializer.Serialize(new
    {
        sha = Commit,
        siblings = Files.Select(file => !ListsFacts ? (object)new { rfilename = file.Name }
            : file.IsLarge ? new { rfilename = file.Name, size = file.Length, blobId = new string('0', 40), lfs = new { sha256 = file.Hash, size = file.Length, pointerSize = 134 } }
            : new { rfilename = file.Name, size = file.Length, blobId = file.Hash }),
    }));

    private async Task SendAsync(HttpContext context, FakeFile file, long offset, FakeFault? fault)
    {
        var response = context.Response;
        var start = fault?.IgnoreRange == true ? 0 : offset;
        response.StatusCode = start > 0 ? 206 : 200;
        if (start > 0)
        {
            response.Headers.ContentRange = $"bytes {start}-{file.Length - 1}/{file.Length}";
        }

        response.Headers.ETag = $"\"{file.Hash}\"";
        var end = fault?.EndAt ?? file.Length;
        response.ContentLength = end - start;
        if (context.Request.Method == "HEAD")
        {
            return;
        }

        var stop = Math.Min(end, fault?.DropAt ?? fault?.StallAt ?? long.MaxValue);
        var buffer = new byte[1 << 16];
        for (var position = start; position < stop;)
        {
            var count = (int)Math.Min(buffer.Length, stop - position);
            if (position < file.Length)
            {
                file.Fill(position, buffer.AsSpan(0, (int)Math.Min(count, file.Length - position)));
            }

            if (fault?.Spoil == true)
            {
                buffer[0] ^= 1;
            }

            await response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            Interlocked.Add(ref _sent, count);
            await PaceAsync(count, context.RequestAborted);
            position += count;
        }

        if (fault?.DropAt is not null || fault?.StallAt is not null)
        {
            await response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(fault.DropAt is not null ? TimeSpan.FromMilliseconds(20) : Timeout.InfiniteTimeSpan, context.RequestAborted);
            context.Abort();
        }
    }
}
