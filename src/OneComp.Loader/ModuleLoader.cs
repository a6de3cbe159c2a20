using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace OneComp.Loading;

/// <summary>
/// Hooks the search for the engine when the module is imported and unhooks it when the module is removed. Nothing is
/// loaded here: the engine comes in with the first cmdlet that needs it.
/// </summary>
public sealed class ModuleLoader : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string Engine = "OneComp.Core";

    /// <inheritdoc/>
    public void OnImport() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => AssemblyLoadContext.Default.Resolving -= Resolve;

    // Asked only for what the default context lacks. The engine is the one name we answer to there: its packages are
    // found by the engine's own context, and must not be handed to other modules.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Engine ? OneCompLoadContext.Instance.LoadFromAssemblyName(name) : null;
}
