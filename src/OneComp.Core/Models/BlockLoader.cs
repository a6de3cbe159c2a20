using OneComp.Models.Architectures;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Builds decoder blocks from a checkpoint.</summary>
internal sealed class BlockLoader(ModelConfig config, ModelTopology topology, WeightReader reader)
{
    /// <summary>Loads one block; the caller owns it. Nothing stays allocated when a weight is at fault.</summary>
    public DecoderBlock Load(int index, Device device, ScalarType dtype)
    {
        var traits = KnownArchitectures.Require(config.Architecture, config.Folder).TraitsOf(config, index);
        var loaded = new List<IDisposable>();
        T Own<T>(T part)
            where T : IDisposable
        {
            loaded.Add(part);
            return part;
        }

        RmsNorm Norm(string name)
        {
            var tensor = topology.Require(TensorNames.InBlock(index, name));
            return Own(new RmsNorm(reader.Load(tensor, device, ScalarType.Float32), config.RmsNormEps));
        }

        try
        {
            return new DecoderBlock(
                index,
                [.. topology.LayersOf(index).Select(layer => Own(Linear(layer, device, dtype)))],
                Norm(TensorNames.InputNorm),
                Norm(TensorNames.PostAttentionNorm),
                new Attention(
                    config,
                    traits.QueryKeyNorm ? Norm(TensorNames.QueryNorm) : null,
                    traits.QueryKeyNorm ? Norm(TensorNames.KeyNorm) : null,
                    traits.SlidingWindow,
                    device),
                config.Activation);
        }
        catch
        {
            loaded.ForEach(part => part.Dispose());
            throw;
        }
    }

    private LinearParameters Linear(LinearLayer layer, Device device, ScalarType dtype)
    {
        var weight = reader.LoadWeight(layer, device, dtype);
        try
        {
            var bias = layer.HasBias ? reader.Load(topology.Require(layer.BiasName), device, dtype) : null;
            return new LinearParameters(layer, weight, bias);
        }
        catch
        {
            weight.Dispose();
            throw;
        }
    }
}
