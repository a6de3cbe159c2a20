using OneComp.Models.Architectures;

namespace OneComp.Models;

/// <summary>The tensors and linear layers of a model, from config.json alone.</summary>
public sealed class ModelTopology
{
    private readonly Dictionary<string, ModelTensor> _byName;
    private readonly ILookup<int, LinearLayer> _byBlock;

    private ModelTopology(List<ModelTensor> tensors, List<LinearLayer> layers)
    {
        Tensors = tensors;
        Layers = layers;
        TotalParameters = tensors.Sum(tensor => tensor.ElementCount);
        _byName = tensors.ToDictionary(tensor => tensor.Name);
        _byBlock = layers.ToLookup(layer => layer.Block);
    }

    /// <summary>All tensors in the order of the forward pass. A head tied to the embedding is not repeated.</summary>
    public IReadOnlyList<ModelTensor> Tensors { get; }

    /// <summary>All linear layers in block order; the head last, with block -1, where it has a tensor of its own.</summary>
    public IReadOnlyList<LinearLayer> Layers { get; }

    /// <summary>Elements of all tensors.</summary>
    public long TotalParameters { get; }

    /// <summary>Lists the tensors and layers of a model.</summary>
    /// <exception cref="ModelException">The architecture is not known.</exception>
    public static ModelTopology Of(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var architecture = KnownArchitectures.Require(config.Architecture, config.Folder);
        long hidden = config.HiddenSize;
        var tensors = new List<ModelTensor> { new(TensorNames.Embedding, [config.VocabularySize, hidden], TensorKind.Embedding) };
        var layers = new List<LinearLayer>();
        for (var block = 0; block < config.NumLayers; block++)
        {
            AddBlock(config, block, architecture.TraitsOf(config, block), tensors, layers);
        }

        tensors.Add(new ModelTensor(TensorNames.FinalNorm, [hidden], TensorKind.Norm));
        if (!config.TieWordEmbeddings)
        {
            var head = new LinearLayer(
                TensorNames.Head, -1, TensorNames.Head, null, config.HiddenSize, config.VocabularySize, false);
            layers.Add(head);
            tensors.Add(new ModelTensor(head.WeightName, [config.VocabularySize, hidden], TensorKind.Head));
        }

        return new ModelTopology(tensors, layers);
    }

    /// <summary>The linear layers of a block; empty for an index that the model does not have.</summary>
    public IReadOnlyList<LinearLayer> LayersOf(int block) => [.. _byBlock[block]];

    /// <summary>Finds a tensor by its name; null where the model has none of it.</summary>
    public ModelTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A tensor that the model is known to have.</summary>
    internal ModelTensor Require(string name) => _byName[name];

    private static void AddBlock(
        ModelConfig config, int block, BlockTraits traits, List<ModelTensor> tensors, List<LinearLayer> layers)
    {
        var (hidden, inner) = (config.HiddenSize, config.IntermediateSize);
        var (queries, keys) = (config.NumHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);

        void Norm(string name, long size) =>
            tensors.Add(new ModelTensor(TensorNames.InBlock(block, name), [size], TensorKind.Norm));
        void Linear(string module, BlockStage stage, int inFeatures, int outFeatures, bool bias)
        {
            var layer = new LinearLayer(TensorNames.InBlock(block, module), block, module, stage, inFeatures, outFeatures, bias);
            layers.Add(layer);
            tensors.Add(new ModelTensor(layer.WeightName, [outFeatures, inFeatures], TensorKind.Linear));
            if (bias)
            {
                tensors.Add(new ModelTensor(layer.BiasName, [outFeatures], TensorKind.Bias));
            }
        }

        Norm(TensorNames.InputNorm, hidden);
        Linear(TensorNames.Query, BlockStage.AttentionInput, hidden, queries, traits.QueryKeyValueBias);
        Linear(TensorNames.Key, BlockStage.AttentionInput, hidden, keys, traits.QueryKeyValueBias);
        Linear(TensorNames.Value, BlockStage.AttentionInput, hidden, keys, traits.QueryKeyValueBias);
        if (traits.QueryKeyNorm)
        {
            Norm(TensorNames.QueryNorm, config.HeadDim);
            Norm(TensorNames.KeyNorm, config.HeadDim);
        }

        Linear(TensorNames.Output, BlockStage.AttentionOutput, queries, hidden, traits.OutputBias);
        Norm(TensorNames.PostAttentionNorm, hidden);
        Linear(TensorNames.Gate, BlockStage.MlpInput, hidden, inner, traits.MlpBias);
        Linear(TensorNames.Up, BlockStage.MlpInput, hidden, inner, traits.MlpBias);
        Linear(TensorNames.Down, BlockStage.MlpOutput, inner, hidden, traits.MlpBias);
    }
}
