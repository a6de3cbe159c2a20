using System.Text.RegularExpressions;

namespace OneComp.Errors;

/// <summary>
/// Takes access tokens out of a text. No message of ours has one; those of the system and of libraries pass through here too before they
/// are shown, or written to a file that others read.
/// </summary>
internal static partial class Redaction
{
    private const string Mask = "********";
    private const int ShortestToken = 8;
    private static readonly string[] Variables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"];

    /// <summary>The text without tokens of the hub and those in the environment, and without what headers and addresses have of passwords and signatures.</summary>
    public static string Clean(string text)
    {
        foreach (var token in Variables.Select(Environment.GetEnvironmentVariable).OfType<string>().Select(value => value.Trim()).Where(value => value.Length >= ShortestToken))
        {
            text = text.Replace(token, Mask, StringComparison.Ordinal);
        }

        text = PasswordInAddress().Replace(HubTokenText().Replace(text, Mask), $"$1{Mask}@");
        return SignedAddress().Replace(Credentials().Replace(text, $"$1 {Mask}"), $"$1{Mask}");
    }

    [GeneratedRegex(@"\b(?:hf|api_org)_[A-Za-z0-9]{16,}\b")]
    private static partial Regex HubTokenText();

    [GeneratedRegex(@"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    // Storage is addressed by links that let anybody in who has them.
    [GeneratedRegex(@"([?&][^=&\s]*(?:sig|token|secret|credential|key)[^=&\s]*=)[^&\s'""]+", RegexOptions.IgnoreCase)]
    private static partial Regex SignedAddress();

    [GeneratedRegex(@"(\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordInAddress();
}
