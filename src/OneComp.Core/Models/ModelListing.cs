using OneComp.Safetensors;

namespace OneComp.Models;

/// <summary>Lists a model's layers from config.json and the headers of its weights, which are not read.</summary>
public static class ModelListing
{
    /// <summary>One entry a linear layer, in model order.</summary>
    /// <exception cref="ModelException">config.json cannot be used.</exception>
    /// <exception cref="SafetensorsException">The weights' headers cannot be used.</exception>
    public static IReadOnlyList<LayerInfo> Of(string folder)
    {
        var config = ModelConfig.Load(folder);
        using var checkpoint = Checkpoint.Open(folder);
        return List(config, layer => checkpoint.Tensors.TryGetValue(layer.Name + ".weight", out var weight) ? weight.DType : null);
    }

    /// <summary>As <see cref="Of"/> for a folder without weights: types are those that config.json says.</summary>
    /// <exception cref="ModelException">config.json cannot be used.</exception>
    public static IReadOnlyList<LayerInfo> OfConfig(string folder)
    {
        var config = ModelConfig.Load(folder);
        return List(config, _ => config.TorchDType);
    }

    private static IReadOnlyList<LayerInfo> List(ModelConfig config, Func<LinearLayer, DType?> typeOf) =>
        [.. ModelTopology.Of(config).Layers.Select(layer => new LayerInfo
        {
            Model = config.Folder,
            Layer = layer.Name,
            Block = layer.Block,
            Module = layer.Module,
            InFeatures = layer.InFeatures,
            OutFeatures = layer.OutFeatures,
            HasBias = layer.HasBias,
            DType = typeOf(layer),
        })];
}
