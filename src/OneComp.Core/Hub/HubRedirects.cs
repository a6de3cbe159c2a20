using System.Net;

namespace OneComp.Hub;

/// <summary>
/// Follows redirects by hand, because the token must reach the hub's own host (scheme, name and port) and no other: files come
/// from storage hosts, whose addresses carry their own signatures.
/// </summary>
internal sealed class HubRedirects(Uri endpoint, HubToken? token, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MostRedirects = 10;

    /// <summary>For a request whose answer at the hub is wanted even where it points to another host.</summary>
    public static readonly HttpRequestOptionsKey<bool> StayAtHub = new("OneComp.StayAtHub");

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        for (var redirects = 0; ; redirects++)
        {
            using var hop = new HttpRequestMessage(request.Method, address);
            foreach (var (name, values) in request.Headers)
            {
                hop.Headers.TryAddWithoutValidation(name, values);
            }

            hop.Headers.Authorization = IsHub(address) ? token?.Header : null;
            var response = await base.SendAsync(hop, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
            {
                return response;
            }

            var next = new Uri(address, location);
            if (request.Options.TryGetValue(StayAtHub, out var stays) && stays && !IsHub(next))
            {
                return response;
            }

            response.Dispose();
            if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme != "https") || redirects == MostRedirects)
            {
                throw new HubException(HubError.AnswerInvalid, endpoint.Host, redirects == MostRedirects
                    ? $"'{address.Host}' redirects more than {MostRedirects} times. Check HF_ENDPOINT and the proxy."
                    : $"'{address.Host}' redirects from {address.Scheme} to {next.Scheme}, which is not followed. Check HF_ENDPOINT and the proxy.");
            }

            address = next;
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => status is
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private bool IsHub(Uri address) => Uri.Compare(address, endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
