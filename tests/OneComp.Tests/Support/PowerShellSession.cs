using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace OneComp.Tests.Support;

/// <summary>The real PowerShell engine with the built module imported by its manifest.</summary>
internal sealed class PowerShellSession : IDisposable
{
    private readonly RecordingHost _host = new();
    private readonly Runspace _runspace;

    /// <param name="cmdlets">Further cmdlets, by their attribute's name.</param>
    public PowerShellSession(params Type[] cmdlets)
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var cmdlet in cmdlets)
        {
            var name = (CmdletAttribute)Attribute.GetCustomAttribute(cmdlet, typeof(CmdletAttribute))!;
            state.Commands.Add(new SessionStateCmdletEntry($"{name.VerbName}-{name.NounName}", cmdlet, null));
        }

        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        Invoke("param($Manifest) Import-Module $Manifest -ErrorAction Stop", new { Repository.Manifest }).All<object>();
    }

    /// <summary>Runs a script whose param() takes the properties of <paramref name="parameters"/>, or its keys.</summary>
    public InvocationResult Invoke(string script, object? parameters = null)
    {
        using var shell = NewShell().AddScript(script);
        shell.AddParameters(ToTable(parameters));
        ErrorRecord? failure = null;
        IReadOnlyList<PSObject> output = [];
        try
        {
            output = [.. shell.Invoke()];
        }
        catch (RuntimeException exception)
        {
            failure = exception.ErrorRecord;
        }

        return new InvocationResult(
            output,
            [.. shell.Streams.Error],
            [.. shell.Streams.Warning.Select(record => record.Message)],
            [.. shell.Streams.Verbose.Select(record => record.Message)],
            [.. shell.Streams.Progress],
            failure);
    }

    /// <summary>What the script's output looks like on a console of <see cref="RecordingHost.Columns"/> columns.</summary>
    public string Display(string script, object? parameters = null)
    {
        _host.Clear();
        using var shell = NewShell().AddScript(script);
        shell.AddParameters(ToTable(parameters));
        shell.AddCommand("Out-Default").Invoke();
        Assert.Empty(shell.Streams.Error);
        return _host.Text;
    }

    /// <summary>For what needs more than <see cref="Invoke"/>, such as stopping.</summary>
    public PowerShell NewShell() => PowerShell.Create(_runspace);

    public void Dispose() => _runspace.Dispose();

    private static Hashtable ToTable(object? parameters)
    {
        if (parameters is IDictionary table)
        {
            return new Hashtable(table);
        }

        var values = new Hashtable();
        foreach (var property in parameters?.GetType().GetProperties() ?? [])
        {
            values[property.Name] = property.GetValue(parameters);
        }

        return values;
    }
}
