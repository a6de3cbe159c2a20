using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace OneComp.Completion;

/// <summary>Completes names of layers, those of the model that the command line names.</summary>
public sealed class LayerNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Candidates.Of(wordToComplete, BoundModel.Layers(commandAst, fakeBoundParameters).Select(layer => (layer.Name, $"{layer.OutFeatures} x {layer.InFeatures}")));
}
