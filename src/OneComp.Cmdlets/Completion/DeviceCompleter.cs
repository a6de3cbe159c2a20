using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using OneComp.Runtime;

namespace OneComp.Completion;

/// <summary>Completes -Device with the processors that are there.</summary>
public sealed class DeviceCompleter : IArgumentCompleter
{
    private const double BytesPerGB = 1e9;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Candidates.Of(wordToComplete, ComputeDevices.List().Select(device =>
            (device.Name, string.Create(CultureInfo.InvariantCulture, $"{device.DisplayName}, {device.FreeMemoryBytes / BytesPerGB:0.0} of {device.TotalMemoryBytes / BytesPerGB:0.0} GB free"))));
}
