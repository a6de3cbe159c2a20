using System.Net.Http.Headers;
using OneComp.Progress;
using Polly;

namespace OneComp.Hub;

/// <summary>Asks the hub: the files of a model, facts about one, and a file's bytes from an offset on.</summary>
internal sealed class HubClient : IDisposable
{
    private const int LargestText = 64 << 20; // of a list of files or an index of shards, in bytes

    private readonly HttpClient _http;
    private readonly HubModelId _id;
    private readonly HubSettings _settings;

    /// <summary>Makes a client for one model.</summary>
    /// <param name="settings">Where to ask.</param>
    /// <param name="id">The model.</param>
    /// <param name="events">Hears of retries.</param>
    public HubClient(HubSettings settings, HubModelId id, IProgress<RunEvent>? events)
    {
        (_settings, _id) = (settings, id);
        Retry = HubRetry.For(settings, events);
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // HubRedirects does it
            ConnectTimeout = settings.IdleTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        _http = new HttpClient(new HubRedirects(settings.Endpoint, settings.Token, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("OneComp.PowerShell", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>Tries again what may pass.</summary>
    public ResiliencePipeline Retry { get; }

    /// <summary>Lists the files of the model at its revision, their names checked.</summary>
    /// <exception cref="HubException">The hub refuses, cannot be reached, or answers what cannot be used.</exception>
    public async Task<HubListing> ListAsync(CancellationToken token)
    {
        var path = $"api/models/{_id.Repository}/revision/{Uri.EscapeDataString(_id.Revision)}?blobs=true";
        return HubListingReader.Read(await ReadTextAsync(path, null, token).ConfigureAwait(false), _id);
    }

    /// <summary>A small file's bytes.</summary>
    /// <exception cref="HubException">As <see cref="ListAsync"/>.</exception>
    public Task<byte[]> ReadFileAsync(string commit, HubFile file, CancellationToken token) => ReadTextAsync(PathOf(commit, file.Name), file.Name, token);

    /// <summary>The file with size and hash from the headers of the hub's own answer, where the list did not state them.</summary>
    /// <exception cref="HubException">As <see cref="ListAsync"/>; <see cref="HubError.HashMissing"/>.</exception>
    public async Task<HubFile> CompleteAsync(string commit, HubFile file, CancellationToken token)
    {
        if (file is { Size: not null, Hash: not null })
        {
            return file;
        }

        using var response = await TryAsync(async attempt =>
        {
            using var request = Request(HttpMethod.Head, PathOf(commit, file.Name));
            request.Options.Set(HubRedirects.StayAtHub, true);
            return await SendAsync(request, file.Name, allowRedirect: true, attempt).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
        var linkedHash = BlobHash.TryParse(Header(response, "X-Linked-Etag"));
        var size = long.TryParse(Header(response, "X-Linked-Size"), out var linked) ? linked
            : linkedHash is null && (int)response.StatusCode < 300 ? response.Content.Headers.ContentLength : null;
        var hash = linkedHash ?? BlobHash.TryParse(Header(response, "ETag"));
        return file with
        {
            Size = file.Size ?? size ?? throw Unverifiable(file.Name, "size"),
            Hash = file.Hash ?? hash ?? throw Unverifiable(file.Name, "hash"),
        };
    }

    /// <summary>Asks for a file's bytes from an offset on, once. The caller disposes the answer and reads its body.</summary>
    /// <exception cref="HubFaultException">The request failed in a way that may pass.</exception>
    /// <exception cref="HubException">The hub refuses.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string commit, HubFile file, long offset, CancellationToken token)
    {
        using var request = Request(HttpMethod.Get, PathOf(commit, file.Name));
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
        }

        return await SendAsync(request, file.Name, allowRedirect: false, token).ConfigureAwait(false);
    }

    /// <summary>Reads from a body; silence for too long, or a broken connection, is a fault that may pass.</summary>
    /// <exception cref="HubFaultException">The connection broke or fell silent.</exception>
    public async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken token)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(token);
        idle.CancelAfter(_settings.IdleTimeout);
        try
        {
            return await body.ReadAsync(buffer, idle.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!token.IsCancellationRequested && exception is IOException or HttpRequestException or OperationCanceledException)
        {
            throw Broken(exception);
        }
    }

    /// <summary>Runs an attempt with retries.</summary>
    /// <exception cref="HubException">Tries have run out, or a fault that does not pass.</exception>
    public async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken token)
    {
        try
        {
            return await Retry.ExecuteAsync(async cancel => await attempt(cancel).ConfigureAwait(false), token).ConfigureAwait(false);
        }
        catch (HubFaultException fault)
        {
            throw HubAnswers.OutOfTries(fault, _id, _settings);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private Task<byte[]> ReadTextAsync(string path, string? file, CancellationToken token) => TryAsync(async attempt =>
    {
        using var request = Request(HttpMethod.Get, path);
        using var response = await SendAsync(request, file, allowRedirect: false, attempt).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(attempt).ConfigureAwait(false);
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = await ReadAsync(body, buffer, attempt).ConfigureAwait(false)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > LargestText)
            {
                throw new HubException(HubError.TooLarge, file ?? _id.ToString(), $"The hub's {(file is null ? "list of files" : $"'{file}'")} of {_id} is larger than {LargestText} bytes.");
            }
        }

        return content.ToArray();
    }, token);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? file, bool allowRedirect, CancellationToken token)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(token);
        idle.CancelAfter(_settings.IdleTimeout);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, idle.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!token.IsCancellationRequested && exception is IOException or HttpRequestException or OperationCanceledException)
        {
            throw Broken(exception);
        }

        if (response.IsSuccessStatusCode || (allowRedirect && (int)response.StatusCode is >= 300 and < 400))
        {
            return response;
        }

        using (response)
        {
            throw HubAnswers.MayPass(response.StatusCode)
                ? HubAnswers.Passing(response, _settings.Endpoint.Host, _settings.RetryClock)
                : HubAnswers.Lasting(response, _id, file, _settings);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(_settings.Endpoint, path));

    private string PathOf(string commit, string file) =>
        $"{_id.Repository}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}";

    private HubFaultException Broken(Exception exception) => new(
        exception is OperationCanceledException
            ? $"'{_settings.Endpoint.Host}' sent nothing for {_settings.IdleTimeout.TotalSeconds:0.##} s."
            : $"The connection to '{_settings.Endpoint.Host}' failed ({exception.GetBaseException().Message.TrimEnd('.')}).",
        innerException: exception);

    private HubException Unverifiable(string file, string what) =>
        new(HubError.HashMissing, file, $"The hub at {_settings.Endpoint.Host} states no {what} for '{file}' of {_id}, so it could not be checked. Use a hub or mirror that does (HF_ENDPOINT).");

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
