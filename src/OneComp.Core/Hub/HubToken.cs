using System.Net;
using System.Net.Http.Headers;
using System.Security;

namespace OneComp.Hub;

/// <summary>An access token of the hub. Shows as asterisks wherever it is written; only a request's header gets its text.</summary>
public sealed class HubToken
{
    private readonly string _secret;

    /// <summary>Takes a token's text; white space around it is left out.</summary>
    /// <exception cref="HubException">It is empty or has characters that no token has.</exception>
    public HubToken(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _secret = secret.Trim();
        if (_secret.Length == 0 || !_secret.All(c => c is > ' ' and < '\x7f'))
        {
            throw new HubException(HubError.TokenInvalid, null, "The access token is empty or has a character that no token has (a space, a line break, a letter outside ASCII). Copy it again from the hub's settings.");
        }
    }

    /// <summary>Takes the text of a secure string, as Read-Host -AsSecureString gives it.</summary>
    /// <exception cref="HubException">It is empty or has characters that no token has.</exception>
    public HubToken(SecureString secret)
        : this(new NetworkCredential("", secret ?? throw new ArgumentNullException(nameof(secret))).Password)
    {
    }

    /// <summary>Asterisks.</summary>
    public override string ToString() => "********";

    /// <summary>The header that shows the token to the hub.</summary>
    internal AuthenticationHeaderValue Header => new("Bearer", _secret);
}
