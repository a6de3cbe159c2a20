using System.Management.Automation;

namespace OneComp.Hosting;

/// <summary>Turns the paths that a user gives into full file system paths, from the session's location, not the process's.</summary>
internal static class SessionPaths
{
    /// <summary>What a path names that is there already.</summary>
    /// <param name="session">The cmdlet's session.</param>
    /// <param name="path">As given.</param>
    /// <param name="literal">True where [, ] and * in the path mean themselves; else they do where they match nothing and such a file is there.</param>
    /// <param name="error">PathNotFound, PathNotFileSystem or PathInvalid; null where there is none.</param>
    /// <returns>Full paths, at least one unless there is an error.</returns>
    public static IReadOnlyList<string> Existing(SessionState session, string path, bool literal, out ErrorRecord? error)
    {
        try
        {
            var paths = literal
                ? [session.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _)]
                : session.Path.GetResolvedProviderPathFromPSPath(path, out provider).ToArray();
            error = !IsFileSystem(provider) ? NotFileSystem(path, provider)
                : paths.Length > 0 && paths.All(Path.Exists) ? null
                : NotFound(path, session);
            if (error is not null && !literal && Existing(session, path, literal: true, out var other) is { Count: > 0 } same)
            {
                error = other;
                return same; // a folder "model [1]", as a download or a copy names it: nobody means the wildcard
            }

            return error is null ? [.. paths.Select(Path.TrimEndingDirectorySeparator)] : [];
        }
        catch (RuntimeException) when (!literal && Existing(session, path, literal: true, out _) is { Count: > 0 })
        {
            return Existing(session, path, literal: true, out error);
        }
        catch (RuntimeException exception)
        {
            error = Fault(path, session, exception);
            return [];
        }
    }

    /// <summary>Where something is to be written, there or not; wildcards mean themselves.</summary>
    /// <param name="session">The cmdlet's session.</param>
    /// <param name="path">As given.</param>
    /// <param name="error">PathNotFound (the drive), PathNotFileSystem or PathInvalid; null where there is none.</param>
    /// <returns>The full path; empty where there is an error.</returns>
    public static string New(SessionState session, string path, out ErrorRecord? error)
    {
        try
        {
            var full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            error = IsFileSystem(provider) ? null : NotFileSystem(path, provider);
            return error is null ? Path.TrimEndingDirectorySeparator(full) : "";
        }
        catch (RuntimeException exception)
        {
            error = Fault(path, session, exception);
            return "";
        }
    }

    /// <summary>An error of this class with a sentence more where it is PathNotFound; else as it is.</summary>
    public static ErrorRecord Advised(ErrorRecord error, string? advice) => advice is not null && error.Exception is ItemNotFoundException nothing
        ? new ErrorRecord(new ItemNotFoundException($"{nothing.Message} {advice}", nothing.InnerException), error.FullyQualifiedErrorId, error.CategoryInfo.Category, error.TargetObject)
        : error;

    private static bool IsFileSystem(ProviderInfo provider) => provider.Name == "FileSystem";

    private static ErrorRecord Fault(string path, SessionState session, RuntimeException exception) =>
        exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException
            ? NotFound(path, session, exception)
            : new(new PSArgumentException($"'{path}' is not a usable path: {exception.Message}", exception), "PathInvalid", ErrorCategory.InvalidArgument, path);

    private static ErrorRecord NotFound(string path, SessionState session, Exception? cause = null) =>
        new(new ItemNotFoundException($"There is no '{path}' (looked from '{session.Path.CurrentLocation}').", cause), "PathNotFound", ErrorCategory.ObjectNotFound, path);

    private static ErrorRecord NotFileSystem(string path, ProviderInfo provider) =>
        new(new PSArgumentException($"'{path}' is a {provider.Name} path; a path of the file system is expected."), "PathNotFileSystem", ErrorCategory.InvalidArgument, path);
}
