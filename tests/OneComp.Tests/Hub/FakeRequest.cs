namespace OneComp.Tests.Hub;

/// <summary>
/// A request that the fake hub got: at the storage host's port or not, for a file or (null) the list, answered by a redirect to
/// the storage host or not, and how many came earlier for the same.
/// </summary>
internal sealed record FakeRequest(string Method, string Path, bool IsStorage, string? File, long Offset, string Authorization, bool IsRedirected, int Earlier);
