using System.Management.Automation;
using System.Management.Automation.Runspaces;
using OneComp.Tests.Support;

namespace OneComp.Tests.PesterAdapter;

/// <summary>Discovers and runs one *.Tests.ps1 in a session of its own.</summary>
internal static class PesterFile
{
    private static readonly string Runner = Path.Combine(Repository.Root, "tests", "OneComp.Tests", "PesterAdapter", "RunBlock.ps1");

    private static readonly (string Alias, Type Cmdlet)[] Commands =
    [
        ("Describe", typeof(AddPesterBlockCommand)),
        ("Context", typeof(AddPesterBlockCommand)),
        ("It", typeof(AddPesterTestCommand)),
        ("BeforeDiscovery", typeof(InvokePesterDiscoveryCommand)),
        ("BeforeAll", typeof(AddPesterBeforeAllCommand)),
        ("AfterAll", typeof(AddPesterAfterAllCommand)),
        ("BeforeEach", typeof(AddPesterBeforeEachCommand)),
        ("AfterEach", typeof(AddPesterAfterEachCommand)),
        ("Should", typeof(AssertPesterValueCommand)),
    ];

    /// <summary>The file's tests, without running them.</summary>
    /// <exception cref="PesterFileException">The file cannot be read or has no test.</exception>
    public static IReadOnlyList<PesterTest> Discover(string path) => With(path, run: false);

    /// <summary>The file's tests, each with its result.</summary>
    /// <exception cref="PesterFileException">The file cannot be read or has no test.</exception>
    public static IReadOnlyList<PesterTest> Run(string path) => With(path, run: true);

    private static List<PesterTest> With(string path, bool run)
    {
        using var drive = new TemporaryFolder();
        var context = new PesterContext(drive.Path);
        using var runspace = RunspaceFactory.CreateRunspace(NewState(context));
        runspace.Open();
        var fileSystem = runspace.SessionStateProxy.Provider.GetOne("FileSystem");
        runspace.SessionStateProxy.Drive.New(new PSDriveInfo("TestDrive", fileSystem, drive.Path, "", null), "global");
        try
        {
            // Inside a try every terminating error leaves the file, as in Pester; outside, PowerShell goes on to the next statement.
            Invoke(runspace, shell => shell.AddScript("try { $null = & $args[0] } catch { throw }").AddArgument(path));
        }
        catch (RuntimeException exception)
        {
            throw new PesterFileException($"{path}: {exception.Message}{Environment.NewLine}{exception.ErrorRecord?.ScriptStackTrace}", exception);
        }

        var tests = context.Root.Tests.ToList();
        if (tests.Count == 0)
        {
            throw new PesterFileException($"{path} holds no It.");
        }

        if (run)
        {
            Invoke(runspace, shell => shell.AddScript($". '{Runner}'; Invoke-PesterBlock $args[0] $args[0].Root").AddArgument(context));
        }

        return tests;
    }

    private static void Invoke(Runspace runspace, Action<PowerShell> add)
    {
        using var shell = PowerShell.Create(runspace);
        add(shell);
        shell.Invoke();
    }

    private static InitialSessionState NewState(PesterContext context)
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var (alias, cmdlet) in Commands)
        {
            var name = (CmdletAttribute)Attribute.GetCustomAttribute(cmdlet, typeof(CmdletAttribute))!;
            var full = $"{name.VerbName}-{name.NounName}";
            if (state.Commands[full].Count == 0)
            {
                state.Commands.Add(new SessionStateCmdletEntry(full, cmdlet, null));
            }

            state.Commands.Add(new SessionStateAliasEntry(alias, full));
        }

        state.Variables.Add(new SessionStateVariableEntry(PesterContext.VariableName, context, ""));
        state.Variables.Add(new SessionStateVariableEntry("TestDrive", context.TestDrive, ""));
        return state;
    }
}
