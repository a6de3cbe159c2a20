using OneComp.Models;

namespace OneComp.Formats;

/// <summary>Opens a model folder, whether it was quantized or not.</summary>
public static class ModelFolder
{
    /// <summary>Opens the folder; the caller owns the model.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It was quantized by a method that is not read here.</exception>
    public static CausalModel Open(string folder)
    {
        var settings = QuantizationSettings.Of(ModelConfig.Load(folder));
        return CausalModel.Open(folder, settings is null ? null : LayerDecoders.For(settings, folder));
    }

    /// <summary>Opens a folder to quantize: one that is not quantized yet.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It is quantized already.</exception>
    public static CausalModel OpenSource(string folder)
    {
        ConfigOfSource(folder);
        CheckpointFiles.RequireSideFiles(Path.GetFullPath(folder));
        return CausalModel.Open(folder);
    }

    /// <summary>config.json of a folder to quantize: one that is not quantized yet.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It is quantized already.</exception>
    public static ModelConfig ConfigOfSource(string folder)
    {
        var config = ModelConfig.Load(folder);
        return config.Raw["quantization_config"] is null
            ? config
            : throw new QuantizedFormatException(
                QuantizedFormatError.AlreadyQuantized,
                folder,
                $"{folder} is quantized already (config.json has a quantization_config). Quantize the model that it was made from.");
    }
}
