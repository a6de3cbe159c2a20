using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Export;

/// <summary>
/// Whether a server can divide a layer over several GPUs: o_proj and down_proj are cut along d_in, so that each GPU needs whole
/// groups there, d_in mod (group size · GPUs) = 0; the others are cut along d_out and keep their rows.
/// </summary>
internal static class TensorParallel
{
    /// <summary>GPUs that the layer's rows are divided over.</summary>
    public static int Parts(LinearLayer layer, int gpus) => layer.Stage is BlockStage.AttentionOutput or BlockStage.MlpOutput ? gpus : 1;

    /// <summary>Whether the layer can be served so. A scale per row goes to every GPU, so that only whole columns are needed.</summary>
    public static bool Fits(LinearLayer layer, GroupScheme scheme, int gpus)
    {
        var parts = Parts(layer, gpus);
        return scheme.GroupCount(layer.InFeatures) == 1 && scheme.GroupSize == -1
            ? layer.InFeatures % parts == 0
            : layer.InFeatures % ((long)scheme.GroupLength(layer.InFeatures) * parts) == 0;
    }

    /// <summary>A warning for layers that do not fit; null where all do.</summary>
    public static string? Warning(IEnumerable<(LinearLayer Layer, GroupScheme Scheme)> layers, int gpus)
    {
        var faults = layers.Where(layer => !Fits(layer.Layer, layer.Scheme, gpus)).ToList();
        if (faults.Count == 0)
        {
            return null;
        }

        var suggestions = faults
            .Select(fault => Regrouping.LargestFitting(fault.Layer.InFeatures, fault.Scheme.GroupLength(fault.Layer.InFeatures), Parts(fault.Layer, gpus)))
            .ToList();
        var advice = suggestions.Min() is > 1 and var size ? $"-GroupSize {size} would do" : "no group size does; serve on fewer GPUs";
        var names = string.Join("; ", faults.GroupBy(fault => (fault.Layer.Module, fault.Layer.InFeatures, fault.Scheme.GroupSize)).Select(module =>
            $"{module.First().Layer.Name} (d_in {module.Key.InFeatures}, group size {module.Key.GroupSize}){(module.Count() > 1 ? $" and {module.Count() - 1} like it" : "")}"));
        return $"{faults.Count} layers cannot be divided over {gpus} GPUs, where d_in has to be a multiple of group size x GPUs: {names}. {advice}.";
    }
}
