namespace OneComp.Hub;

/// <summary>Reads the environment variables of Hugging Face's tools (huggingface_hub, Environment variables).</summary>
internal static class HubEnvironment
{
    private const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The settings that the variables give.</summary>
    /// <param name="variable">Gives a variable's value, null where it is not set.</param>
    /// <exception cref="HubException">HF_ENDPOINT or the token cannot be used.</exception>
    public static HubSettings Read(Func<string, string?> variable)
    {
        string? First(params string[] names) => names.Select(variable).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value))?.Trim();

        var home = First("HF_HOME") is { } given ? Expand(given)
            : Path.Combine(First("XDG_CACHE_HOME") is { } caches ? Expand(caches) : Path.Combine(UserFolder, ".cache"), "huggingface");
        return new HubSettings
        {
            Endpoint = ParseEndpoint(First("HF_ENDPOINT") ?? DefaultEndpoint),
            CacheFolder = Path.GetFullPath(First("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") is { } cache ? Expand(cache) : Path.Combine(home, "hub")),
            Offline = IsSet(First("HF_HUB_OFFLINE")) || IsSet(First("TRANSFORMERS_OFFLINE")),
            Token = IsSet(First("HF_HUB_DISABLE_IMPLICIT_TOKEN")) ? null
                : First("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") is { } token ? new HubToken(token)
                : TokenFile(First("HF_TOKEN_PATH") is { } file ? Expand(file) : Path.Combine(home, "token")),
        };
    }

    private static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string Expand(string path) => Environment.ExpandEnvironmentVariables(
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal) ? UserFolder + path[1..] : path);

    private static bool IsSet(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? uri
            : throw new HubException(HubError.EndpointInvalid, "HF_ENDPOINT", "HF_ENDPOINT is no address of a hub. Expected one such as https://huggingface.co, without user, query or fragment.");

    private static HubToken? TokenFile(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } text ? new HubToken(text) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // as Hugging Face's tools do: public models need none, and others then say that a token is missing
        }
    }
}
