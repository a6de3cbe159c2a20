namespace OneComp.Tests.Support;

/// <summary>A fact about symbolic links, which Windows lets only some users make.</summary>
public sealed class LinkFactAttribute : FactAttribute
{
    public LinkFactAttribute() => Skip = LinkTheoryAttribute.Reason;
}

/// <summary>A theory about symbolic links.</summary>
public sealed class LinkTheoryAttribute : TheoryAttribute
{
    public LinkTheoryAttribute() => Skip = Reason;

    internal static string? Reason { get; } = CanLink() ? null : "needs the right to make symbolic links";

    private static bool CanLink()
    {
        using var folder = new TemporaryFolder();
        try
        {
            File.CreateSymbolicLink(folder.File("link"), "target");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
