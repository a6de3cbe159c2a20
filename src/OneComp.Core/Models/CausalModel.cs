using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>
/// A language model in a folder, run one part at a time: embedding, blocks in order, head. Nothing is loaded before it is
/// asked for, so that a model larger than memory can be walked through.
/// </summary>
public sealed class CausalModel : IDisposable
{
    private readonly WeightReader _reader;

    private CausalModel(ModelConfig config, ModelTopology topology, Checkpoint checkpoint, IWeightDecoder? decoder)
    {
        Config = config;
        Topology = topology;
        Checkpoint = checkpoint;
        _reader = new WeightReader(checkpoint, decoder);
    }

    /// <summary>The model's config.json.</summary>
    public ModelConfig Config { get; }

    /// <summary>Its tensors and layers.</summary>
    public ModelTopology Topology { get; }

    /// <summary>Its safetensors files. Closed with the model.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Opens a model folder: config.json and the headers of the safetensors files. Loads the tensor library.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="decoder">Reads compressed layers; null for a model of plain tensors.</param>
    /// <exception cref="ModelException">config.json cannot be used.</exception>
    /// <exception cref="SafetensorsException">The safetensors files cannot be used.</exception>
    /// <exception cref="RuntimeLoadException">The tensor library cannot be loaded.</exception>
    public static CausalModel Open(string folder, IWeightDecoder? decoder = null)
    {
        var config = ModelConfig.Load(folder);
        var topology = ModelTopology.Of(config);
        TorchRuntime.EnsureLoaded();
        return new CausalModel(config, topology, Checkpoint.Open(folder), decoder);
    }

    /// <summary>Loads the token embedding. The caller owns it.</summary>
    /// <exception cref="ModelException">Its tensor is missing, of another shape or type than expected, or not finite.</exception>
    public Embedding LoadEmbedding(Device device, ScalarType dtype)
    {
        CheckType(dtype);
        return new Embedding(_reader.Load(Topology.Require(TensorNames.Embedding), device, dtype));
    }

    /// <summary>Loads one decoder block. The caller owns it.</summary>
    /// <param name="index">0 to the number of blocks - 1.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">Float32, Float16 or BFloat16; norms and rotary positions are computed in float32 all the same.</param>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    public DecoderBlock LoadBlock(int index, Device device, ScalarType dtype)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Config.NumLayers);
        CheckType(dtype);
        return new BlockLoader(Config, Topology, _reader).Load(index, device, dtype);
    }

    /// <summary>Loads the final norm and the head. The caller owns it.</summary>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    public OutputHead LoadHead(Device device, ScalarType dtype)
    {
        CheckType(dtype);
        var weight = Config.TieWordEmbeddings
            ? _reader.Load(Topology.Require(TensorNames.Embedding), device, dtype)
            : _reader.LoadWeight(Topology.Layers[^1], device, dtype);
        try
        {
            var norm = _reader.Load(Topology.Require(TensorNames.FinalNorm), device, ScalarType.Float32);
            return new OutputHead(new RmsNorm(norm, Config.RmsNormEps), weight);
        }
        catch
        {
            weight.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A layer's weight on the CPU: as stored, or F32 where it was decoded. Values are not checked. The caller owns it.
    /// </summary>
    /// <exception cref="ModelException">The tensor is missing, or of another shape or type than expected.</exception>
    public Tensor ReadWeight(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return _reader.ReadWeight(layer);
    }

    /// <summary>A layer's weight, ready to compute with. The caller owns it.</summary>
    /// <exception cref="ModelException">As <see cref="ReadWeight"/>, or a value is not finite.</exception>
    public Tensor LoadWeight(LinearLayer layer, Device device, ScalarType dtype)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return _reader.LoadWeight(layer, device, dtype);
    }

    /// <summary>Closes the safetensors files. Parts that were loaded live on.</summary>
    public void Dispose() => Checkpoint.Dispose();

    private static void CheckType(ScalarType dtype)
    {
        if (dtype is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16))
        {
            throw new ArgumentException($"type {dtype}, expected Float32, Float16 or BFloat16", nameof(dtype));
        }
    }
}
