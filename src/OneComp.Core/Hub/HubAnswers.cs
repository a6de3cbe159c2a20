using System.Globalization;
using System.Net;

namespace OneComp.Hub;

/// <summary>What the hub's statuses mean, and what a user can do about them.</summary>
internal static class HubAnswers
{
    private const string CodeHeader = "X-Error-Code";

    /// <summary>Whether an answer may be better a moment later.</summary>
    public static bool MayPass(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>The fault of an answer that may pass, with the wait that it asks for.</summary>
    public static HubFaultException Passing(HttpResponseMessage response, string host, TimeProvider clock)
    {
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date - clock.GetUtcNow());
        return new HubFaultException(
            string.Create(CultureInfo.InvariantCulture, $"'{host}' answered {(int)response.StatusCode}."),
            (int)response.StatusCode,
            wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }

    /// <summary>The exception for an answer that will stay as it is.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="id">The model asked for.</param>
    /// <param name="file">The file asked for; null for the list of files.</param>
    /// <param name="settings">Endpoint and token, for the advice.</param>
    public static HubException Lasting(HttpResponseMessage response, HubModelId id, string? file, HubSettings settings)
    {
        var code = response.Headers.TryGetValues(CodeHeader, out var values) ? values.FirstOrDefault() ?? "" : "";
        var page = new Uri(settings.Endpoint, id.Repository);
        return (code, response.StatusCode) switch
        {
            ("GatedRepo", _) or (not "RepoNotFound", HttpStatusCode.Forbidden) => new(HubError.Gated, id.ToString(),
                $"{id} is gated: its owner wants its terms accepted first. Accept them at {page} with your account, then {GiveToken(settings)}"),
            ("RevisionNotFound", _) => new(HubError.RevisionNotFound, id.Revision,
                $"{id.Repository} has no branch, tag or commit '{id.Revision}'. See {page} for those that it has."),
            (_, HttpStatusCode.Unauthorized) when settings.Token is not null && code is not "RepoNotFound" => new(HubError.TokenRefused, id.ToString(),
                $"The hub refuses the access token for {id}: it is mistyped, expired or revoked. Make a new one in the hub's settings and set HF_TOKEN, or remove it if the model is public."),
            ("EntryNotFound", _) or (not "RepoNotFound", HttpStatusCode.NotFound) when file is not null => new(HubError.FileNotFound, file,
                $"{id} has no file '{file}', although the hub lists it. Try again; the model may be changing."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.Forbidden) => new(HubError.ModelNotFound, id.ToString(),
                $"The hub at {settings.Endpoint.Host} has no model {id} that it would show: the id is mistyped, or the model is private. Check {page}. For a private model, {GiveToken(settings)}"),
            _ => new(HubError.AnswerFailed, id.ToString(), Failed(id, (int)response.StatusCode, settings)),
        };
    }

    /// <summary>The exception when tries have run out.</summary>
    public static HubException OutOfTries(HubFaultException fault, HubModelId id, HubSettings settings) => fault switch
    {
        { RetryAfter: { } wait } when wait > TimeSpan.FromMinutes(1) => new(HubError.AnswerFailed, id.ToString(), string.Create(CultureInfo.InvariantCulture,
            $"{fault.Message} It asks to wait {wait.TotalMinutes:0.#} minutes before {id} is asked for again. Run the command again then: it goes on where it stopped."), fault),
        { Status: { } status } => new(HubError.AnswerFailed, id.ToString(), Failed(id, status, settings), fault),
        _ => new(HubError.Unreachable, id.ToString(),
            $"{id} cannot be fetched: {fault.Message} Check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT ({settings.Endpoint}), and run the command again: it goes on where it stopped. On a server without internet, fetch the model elsewhere with Save-OneCompModel -Destination and pass the folder.", fault),
    };

    private static string Failed(HubModelId id, int status, HubSettings settings) => string.Create(CultureInfo.InvariantCulture,
        $"The hub at {settings.Endpoint.Host} answered {status} for {id} and kept to it. Try again later: what was fetched is kept. See HF_ENDPOINT if you use a mirror.");

    private static string GiveToken(HubSettings settings) => settings.Token is null
        ? "pass a token of that account: -Token of Save-OneCompModel, HF_TOKEN, or the token file of 'hf auth login'."
        : "check that the token in use belongs to that account and may read it.";
}
