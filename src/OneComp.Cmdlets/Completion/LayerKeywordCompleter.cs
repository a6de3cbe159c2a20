using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using OneComp.Models;

namespace OneComp.Completion;

/// <summary>
/// Completes parts of layers' names: modules, what they belong to, and blocks of the model that the command line names; without one, the modules
/// that all models here have.
/// </summary>
public sealed class LayerKeywordCompleter : IArgumentCompleter
{
    private static readonly string[] Common = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "self_attn", "mlp"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var layers = BoundModel.Layers(commandAst, fakeBoundParameters);
        return Candidates.Of(wordToComplete, layers.Count == 0 ? Common.Select(word => (word, "")) : Of(layers));
    }

    private static IEnumerable<(string Value, string Tip)> Of(IReadOnlyList<LinearLayer> layers)
    {
        var inBlocks = layers.Where(layer => layer.Block >= 0).ToList();
        var parts = inBlocks.SelectMany(layer => layer.Module.Split('.').Reverse()).Distinct();
        var blocks = inBlocks.Select(layer => layer.Block).Distinct().Select(block => string.Create(CultureInfo.InvariantCulture, $"layers.{block}."));
        return parts.Concat(blocks).Select(word => (word, $"{layers.Count(layer => layer.Name.Contains(word, StringComparison.Ordinal))} layers"));
    }
}
