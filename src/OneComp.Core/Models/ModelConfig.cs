using System.Text.Json.Nodes;
using OneComp.Safetensors;

namespace OneComp.Models;

/// <summary>config.json of a model folder, in either spelling that Hugging Face transformers has used.</summary>
public sealed record ModelConfig
{
    /// <summary>Full path of the model folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the architecture: <c>LlamaForCausalLM</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The family's short name: <c>llama</c>; empty where config.json has none.</summary>
    public required string ModelType { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder blocks.</summary>
    public required int NumLayers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int NumHeads { get; init; }

    /// <summary>Number of key and value heads; a divisor of <see cref="NumHeads"/>.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest context, in tokens.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Added to the mean square in the norms.</summary>
    public required double RmsNormEps { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Scaling of the rotary frequencies; null for none.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Activation of the MLP's gate.</summary>
    public required ActivationFunction Activation { get; init; }

    /// <summary>Whether the head is the embedding's tensor.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// Keys a query sees, itself included, in the blocks that slide; null where none does. Which blocks slide is the
    /// architecture's matter.
    /// </summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Blocks below this index never slide, where no <see cref="LayerTypes"/> are given (Qwen).</summary>
    public int? MaxWindowLayers { get; init; }

    /// <summary><c>full_attention</c> or <c>sliding_attention</c> per block; null where config.json does not say.</summary>
    public IReadOnlyList<string>? LayerTypes { get; init; }

    /// <summary>The field attention_bias.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>The field mlp_bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Type of the stored weights as config.json has it; null where it does not say.</summary>
    public DType? TorchDType { get; init; }

    /// <summary>The whole of config.json. Make a deep copy to change it.</summary>
    public required JsonObject Raw { get; init; }

    /// <summary>Reads config.json.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ModelException">
    /// The file is missing, malformed, lacks a field or describes a model not known here.
    /// </exception>
    public static ModelConfig Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return ModelConfigReader.Read(Path.GetFullPath(folder));
    }
}
