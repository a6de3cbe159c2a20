using System.Text.RegularExpressions;

namespace OneComp.Logs;

/// <summary>
/// Takes access tokens out of a text. No message of ours has one; those of the system and of libraries pass through here too before they
/// are written to a file that others read.
/// </summary>
internal static partial class Redaction
{
    private const string Mask = "********";
    private const int ShortestToken = 8;
    private static readonly string[] Variables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"];

    /// <summary>The text without tokens of the hub, without those in the environment, and without passwords in addresses.</summary>
    public static string Clean(string text)
    {
        foreach (var token in Variables.Select(Environment.GetEnvironmentVariable).OfType<string>().Select(value => value.Trim()).Where(value => value.Length >= ShortestToken))
        {
            text = text.Replace(token, Mask, StringComparison.Ordinal);
        }

        return PasswordInAddress().Replace(HubTokenText().Replace(text, Mask), $"$1{Mask}@");
    }

    [GeneratedRegex(@"\b(?:hf|api_org)_[A-Za-z0-9]{16,}\b")]
    private static partial Regex HubTokenText();

    [GeneratedRegex(@"(\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordInAddress();
}
