using System.Management.Automation;
using OneComp.Completion;
using OneComp.Hosting;
using OneComp.Runtime;

namespace OneComp.Commands;

/// <summary>Lists the processors that can do the work: the CPU, then each GPU with its memory and backend.</summary>
/// <example><code>Get-OneCompDevice cuda*</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompDevice")]
[OutputType(typeof(ComputeDevice))]
public sealed class GetOneCompDeviceCommand : OneCompCmdlet
{
    /// <summary>Names to list, such as cpu or cuda:0; wildcards are allowed. All devices when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var devices = Run((_, _) => ComputeDevices.List());
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var matches = devices.Where(device => pattern.IsMatch(device.Name)).ToList();
            WriteObject(matches, enumerateCollection: true);
            if (matches.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(NotPresent(name, devices));
            }
        }
    }

    private static ErrorRecord NotPresent(string name, IReadOnlyList<ComputeDevice> devices)
    {
        var present = string.Join(", ", devices.Select(device => device.Name));
        return new(new ItemNotFoundException($"There is no device '{name}'; present: {present}."), "DeviceNotFound", ErrorCategory.ObjectNotFound, name);
    }
}
