using System.Collections;
using System.Management.Automation.Language;
using OneComp.Errors;
using OneComp.Hub;
using OneComp.Models;

namespace OneComp.Completion;

/// <summary>The model that a command line speaks of: -Model of the command itself, or of another one in its pipeline.</summary>
internal static class BoundModel
{
    private const string Parameter = "Model";

    /// <summary>The model's layers; empty where no model is named, or it cannot be read.</summary>
    public static IReadOnlyList<LinearLayer> Layers(CommandAst? command, IDictionary? bound)
    {
        try
        {
            return Find(command, bound) is { } model && Folder(model) is { } folder ? ModelTopology.Of(ModelConfig.Load(folder)).Layers : [];
        }
        catch (Exception exception) when (exception is OneCompException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return []; // half a line, as it is typed
        }
    }

    private static string? Find(CommandAst? command, IDictionary? bound) => Text(bound?[Parameter])
        ?? (command?.Parent is PipelineAst pipeline
            ? pipeline.PipelineElements.OfType<CommandAst>().Where(element => element != command).Select(OfCommand).FirstOrDefault(model => model is not null)
            : null);

    private static string? OfCommand(CommandAst command)
    {
        if (!StaticParameterBinder.BindCommand(command, resolve: true).BoundParameters.TryGetValue(Parameter, out var bound))
        {
            return null;
        }

        return bound.ConstantValue as string
            ?? (bound.Value is VariableExpressionAst variable
                ? Text(CurrentSession.Variables.FirstOrDefault(known => known.Name.Equals(variable.VariablePath.UserPath, StringComparison.OrdinalIgnoreCase))?.Value)
                : null);
    }

    private static string? Text(object? value) => value switch
    {
        System.Management.Automation.PSObject wrapped => Text(wrapped.BaseObject),
        string text => text,
        IList { Count: > 0 } list => Text(list[0]),
        _ => null,
    };

    private static string? Folder(string model)
    {
        var folder = CurrentSession.FullPath(model);
        return Directory.Exists(folder) ? folder
            : ModelReference.TryId(model) is { } reference && !reference.MustFetch(ModelNeed.Config) ? reference.Find(ModelNeed.Config)
            : null;
    }
}
