using System.Text.RegularExpressions;

namespace OneComp.Hub;

/// <summary>A model's id on the hub with its revision: <c>org/name@revision</c>. The revision is a branch, tag or commit.</summary>
public sealed partial record HubModelId
{
    /// <summary>The revision where none is named.</summary>
    public const string DefaultRevision = "main";

    private HubModelId(string repository, string revision) => (Repository, Revision) = (repository, revision);

    /// <summary><c>org/name</c>, or <c>name</c> alone for the hub's oldest models.</summary>
    public string Repository { get; }

    /// <summary>A branch, tag or commit.</summary>
    public string Revision { get; }

    /// <summary>True for <c>org/name</c>.</summary>
    public bool HasOwner => Repository.Contains('/');

    /// <summary>Reads <c>org/name</c>, <c>name</c>, <c>org/name@revision</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="revision">A revision given apart; it and one in the text must agree.</param>
    /// <exception cref="HubException">The text is no id, or names another revision.</exception>
    public static HubModelId Parse(string text, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parsed = TryParse(text) ?? throw new HubException(HubError.IdInvalid, text, $"'{text}' is no id of a model on the hub. Expected org/name or org/name@revision: letters, digits, '-', '_' and '.', at most 96 of them in each part.");
        if (revision is null || (text.Contains('@') && parsed.Revision == revision))
        {
            return parsed;
        }

        return text.Contains('@')
            ? throw new HubException(HubError.IdInvalid, text, $"'{text}' names another revision than -Revision '{revision}'. Name it once.")
            : TryParse($"{text}@{revision}") ?? throw new HubException(HubError.IdInvalid, revision, $"'{revision}' is no revision. Expected the name of a branch or tag, or a commit.");
    }

    /// <summary>As <see cref="Parse"/>; null where the text is no id.</summary>
    public static HubModelId? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf('@');
        var (repository, revision) = at < 0 ? (text, DefaultRevision) : (text[..at], text[(at + 1)..]);
        var parts = repository.Split('/');
        return parts.Length <= 2 && parts.All(IsPart) && HubFileName.FaultOf(revision) is null && revision.Length <= 255
            ? new HubModelId(repository, revision)
            : null;
    }

    /// <summary>The id, with its revision where that is not the default.</summary>
    public override string ToString() => Revision == DefaultRevision ? Repository : $"{Repository}@{Revision}";

    private static bool IsPart(string part) =>
        Part().IsMatch(part) && !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z0-9_]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?\z")]
    private static partial Regex Part();
}
