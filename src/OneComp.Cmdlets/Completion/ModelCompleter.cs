using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using OneComp.Errors;
using OneComp.Hub;

namespace OneComp.Completion;

/// <summary>
/// Completes -Model and the like: folders that hold a config.json, then folders that may lead to one, then models in the local cache by their ids.
/// </summary>
public sealed class ModelCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = Candidates.Typed(wordToComplete);
        return [.. Folders(typed), .. Candidates.Of(typed, Cached(typed).Select(id => (id, "in the local cache"))).Where(found => found.ListItemText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))];
    }

    private static IEnumerable<CompletionResult> Folders(string typed)
    {
        var end = typed.LastIndexOfAny(['/', '\\']) + 1;
        var (before, name) = (typed[..end], typed[end..]);
        var parent = CurrentSession.FullPath(before.Length > 0 ? before : ".");
        if (!Directory.Exists(parent))
        {
            return [];
        }

        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        return Directory.EnumerateDirectories(parent, "*", options)
            .Where(folder => Path.GetFileName(folder).StartsWith(name, StringComparison.OrdinalIgnoreCase))
            .Select(folder => (Folder: folder, IsModel: File.Exists(Path.Combine(folder, "config.json"))))
            .OrderByDescending(found => found.IsModel)
            .ThenBy(found => found.Folder, StringComparer.OrdinalIgnoreCase)
            .Select(found => new CompletionResult(
                Candidates.Quoted(before + Path.GetFileName(found.Folder)),
                Path.GetFileName(found.Folder),
                CompletionResultType.ProviderContainer,
                found.IsModel ? "model: " + found.Folder : found.Folder));
    }

    private static IEnumerable<string> Cached(string typed)
    {
        if (typed.StartsWith('.') || typed.StartsWith('~') || Path.IsPathRooted(typed))
        {
            return [];
        }

        try
        {
            return ModelReference.Cached(HubSettings.FromEnvironment());
        }
        catch (OneCompException)
        {
            return []; // HF_ENDPOINT or the token cannot be used; the cmdlet says so
        }
    }
}
