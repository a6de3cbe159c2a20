using System.Management.Automation;

namespace OneComp.Completion;

/// <summary>Asks the session that completes, from whose thread completers are called.</summary>
internal static class CurrentSession
{
    /// <summary>The folder that relative paths start at.</summary>
    public static string Location => Ask("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath").OfType<string>().FirstOrDefault() ?? Environment.CurrentDirectory;

    /// <summary>The variables that can be seen, with their values.</summary>
    public static IEnumerable<PSVariable> Variables => Ask("$ExecutionContext.InvokeProvider.ChildItem.Get('variable:', $false)").OfType<PSVariable>();

    /// <summary>A full path from one as typed; ~ is the user's folder.</summary>
    public static string FullPath(string typed) => Path.GetFullPath(
        typed == "~" || typed.StartsWith("~/", StringComparison.Ordinal) || typed.StartsWith("~\\", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + typed[1..]
            : typed,
        Location);

    private static IEnumerable<object> Ask(string script)
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return [.. shell.AddScript(script, useLocalScope: false).Invoke().Select(item => item.BaseObject)];
    }
}
