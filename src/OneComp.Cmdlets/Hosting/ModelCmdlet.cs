using System.Diagnostics.CodeAnalysis;
using OneComp.Hub;

namespace OneComp.Hosting;

/// <summary>Base of the cmdlets that take a model: a folder, or an id on the Hugging Face hub. A folder that is there wins.</summary>
public abstract class ModelCmdlet : OneCompCmdlet
{
    /// <summary>The one model that a text names; anything else ends the cmdlet.</summary>
    /// <param name="model">A path, wildcards leading to one folder; or org/name or org/name@revision.</param>
    /// <returns>The model; nothing has been fetched. Error ids: as for <see cref="OneCompCmdlet.ResolvePath"/>.</returns>
    protected ModelReference FindModel(string model) => TryId(model, out var reference) ? reference : ModelReference.ToFolder(ResolvePath(model, advice: AdviceOn(model)));

    /// <summary>All models that the texts name; a text at fault is written as an error and left out.</summary>
    protected IReadOnlyList<ModelReference> FindModels(IEnumerable<string> models)
    {
        var all = new List<ModelReference>();
        foreach (var model in models)
        {
            if (TryId(model, out var reference))
            {
                all.Add(reference);
            }
            else
            {
                all.AddRange(ResolvePaths([model], advice: AdviceOn(model)).Select(ModelReference.ToFolder));
            }
        }

        return all;
    }

    // Whoever copies a name alone from a model's page means the hub, which is asked only for ids with an owner.
    private static string? AdviceOn(string model) => HubModelId.TryParse(model) is { HasOwner: false }
        ? "If a model on the Hugging Face hub is meant, give its whole id, which has the form org/name: Qwen/Qwen3-0.6B."
        : null;

    private bool TryId(string model, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        if (HubModelId.TryParse(model) is null)
        {
            return false; // no id: nothing of the hub is looked at
        }

        SessionPaths.Existing(SessionState, model, literal: false, out var error);
        if (error is null)
        {
            return false;
        }

        try
        {
            reference = ModelReference.TryId(model);
            return reference is not null;
        }
        catch (HubException exception)
        {
            ThrowTerminatingError(ErrorRecords.From(exception, model)); // HF_ENDPOINT or the token cannot be used
            return false;
        }
    }
}
