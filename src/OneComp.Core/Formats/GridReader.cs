using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats;

/// <summary>Reads layers of codes on grids. A subclass says where bits, scales, zero points and codes are.</summary>
internal abstract class GridReader : LayerReader
{
    /// <summary>Scales, zero points and groups of a layer: everything but its codes.</summary>
    /// <exception cref="QuantizedFormatException">A tensor is missing, or its type, shape or values do not fit the layer.</exception>
    public abstract LayerGrid ReadGrid(Checkpoint checkpoint, LinearLayer layer);

    /// <inheritdoc/>
    public override LayerScheme Scheme(Checkpoint checkpoint, LinearLayer layer) => ReadGrid(checkpoint, layer).Scheme;

    /// <inheritdoc/>
    public override QuantizedWeight Read(Checkpoint checkpoint, LinearLayer layer)
    {
        var grid = ReadGrid(checkpoint, layer);
        using var scope = NewDisposeScope();
        return new GroupedWeight(
            layer,
            grid.Scheme,
            ReadCodes(checkpoint, layer, grid.Scheme.CodeBits).DetachFromDisposeScope(),
            tensor(grid.Scales).reshape(layer.OutFeatures, grid.Groups).DetachFromDisposeScope(),
            tensor(grid.Zeros).reshape(layer.OutFeatures, grid.Groups).DetachFromDisposeScope(),
            grid.GroupIndex);
    }

    /// <summary>(d_out, d_in) uint8, columns in the model's order. Belongs to the open dispose scope.</summary>
    protected abstract Tensor ReadCodes(Checkpoint checkpoint, LinearLayer layer, int bits);

    /// <summary>A tensor of the layer that must be there.</summary>
    protected static TensorEntry Require(Checkpoint checkpoint, LinearLayer layer, string name, params DType[] types)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out var entry))
        {
            throw Fault(layer, $"it is quantized, but the checkpoint has no {name}");
        }

        return types.Contains(entry.DType)
            ? entry
            : throw Fault(layer, $"{name} has type {DTypes.NameOf(entry.DType)} where {string.Join(" or ", types.Select(DTypes.NameOf))} is expected");
    }

    protected static void RequireShape(LinearLayer layer, TensorEntry entry, params long[] expected)
    {
        if (!entry.Shape.SequenceEqual(expected))
        {
            throw Fault(layer, $"{entry.Name} has shape [{Join(entry)}] where [{string.Join(", ", expected)}] is expected");
        }
    }

    /// <summary>A tensor of scales, all finite.</summary>
    protected static float[] ReadScales(Checkpoint checkpoint, LinearLayer layer, TensorEntry entry)
    {
        var scales = checkpoint.ReadSingle(entry);
        return Array.TrueForAll(scales, float.IsFinite) ? scales : throw Fault(layer, "its scales hold NaN or infinite values");
    }

    /// <summary>The group of each column, as stored.</summary>
    protected static int[] ReadGroupIndex(Checkpoint checkpoint, LinearLayer layer, string name, int groups)
    {
        var index = checkpoint.ReadInt32(Require(checkpoint, layer, name, DType.I32));
        return index.Length == layer.InFeatures && Array.TrueForAll(index, group => group >= 0 && group < groups)
            ? index
            : throw Fault(layer, $"{name} has to give each of {layer.InFeatures} columns a group below {groups}");
    }

    protected static string Join(TensorEntry entry) => string.Join(", ", entry.Shape);

    protected static QuantizedFormatException Fault(LinearLayer layer, string what) =>
        new(QuantizedFormatError.LayerInvalid, layer.Name, $"Layer {layer.Name}: {what}.");
}
