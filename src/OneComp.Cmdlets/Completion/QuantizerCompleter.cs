using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using OneComp.Quantization;

namespace OneComp.Completion;

/// <summary>Completes -Quantizer: variables that hold quantizers, and the commands that make them.</summary>
public sealed class QuantizerCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Tip)[] Makers =
    [
        ("(New-AutoBitQuantizer 3)", "bits for each layer within a budget"),
        ("(New-GptqQuantizer 4)", "4 bits for all layers, calibrated"),
        ("(New-RtnQuantizer 4)", "4 bits for all layers, round to nearest"),
        ("(New-DbfQuantizer 1.5)", "1 to 2 bits by factors of signs"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = wordToComplete ?? "";
        var variables = CurrentSession.Variables
            .Select(variable => (variable.Name, Value: variable.Value is PSObject wrapped ? wrapped.BaseObject : variable.Value))
            .Where(variable => variable.Value is Quantizer or IEnumerable<Quantizer> || (variable.Value is object[] { Length: > 0 } list && list.All(IsQuantizer)))
            .OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase)
            .Select(variable => (Text: "$" + variable.Name, Tip: variable.Value is Quantizer one ? one.Name : string.Join(", ", (IEnumerable)variable.Value!)));
        return variables.Concat(Makers)
            .Where(found => found.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(found => new CompletionResult(found.Text, found.Text, CompletionResultType.ParameterValue, found.Tip));
    }

    private static bool IsQuantizer(object item) => item is Quantizer or PSObject { BaseObject: Quantizer };
}
