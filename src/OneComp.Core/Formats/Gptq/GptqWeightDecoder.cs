using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.Gptq;

/// <summary>Reads the weights of a gptq checkpoint, ours or another's. Bits and groups follow from the tensors' shapes.</summary>
/// <param name="zeroOffset">What to add to a stored zero point: 1 in gptq v1, 0 in v2.</param>
internal sealed class GptqWeightDecoder(int zeroOffset) : IWeightDecoder
{
    public bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => checkpoint.Contains(GptqNames.Codes(layer.Name));

    /// <exception cref="QuantizedFormatException">A tensor is missing, or its shape or values do not fit the layer.</exception>
    public Tensor Decode(Checkpoint checkpoint, LinearLayer layer)
    {
        var (bits, groups) = Layout(checkpoint, layer);
        using var scope = NewDisposeScope();
        return GroupedWeight.Dequantize(
            ReadCodes(checkpoint, layer, bits),
            ReadScales(checkpoint, layer, groups),
            ReadZeros(checkpoint, layer, bits, groups),
            ReadGroupIndex(checkpoint, layer, groups)).MoveToOuterDisposeScope();
    }

    private static (int Bits, int Groups) Layout(Checkpoint checkpoint, LinearLayer layer)
    {
        var codes = Require(checkpoint, layer, GptqNames.Codes(layer.Name), DType.I32);
        var scales = Require(checkpoint, layer, GptqNames.Scales(layer.Name), DType.F16, DType.BF16, DType.F32);
        var zeros = Require(checkpoint, layer, GptqNames.Zeros(layer.Name), DType.I32);
        var bits = codes.Shape.Count == 2 ? codes.Shape[0] / BitPacking.WordCount(layer.InFeatures, 1) : 0;
        var groups = scales.Shape.Count == 2 ? (int)scales.Shape[0] : 0;
        if (bits is < 2 or > 8 || groups < 1)
        {
            throw Fault(layer, $"{codes.Name} has shape [{Join(codes)}] and {scales.Name} [{Join(scales)}], which is no gptq layout of a {layer.OutFeatures} x {layer.InFeatures} weight");
        }

        RequireShape(layer, codes, [BitPacking.WordCount(layer.InFeatures, (int)bits), layer.OutFeatures]);
        RequireShape(layer, scales, [groups, layer.OutFeatures]);
        RequireShape(layer, zeros, [groups, BitPacking.WordCount(layer.OutFeatures, (int)bits)]);
        return ((int)bits, groups);
    }

    private static unsafe Tensor ReadCodes(Checkpoint checkpoint, LinearLayer layer, int bits)
    {
        var (rows, columns) = (layer.OutFeatures, layer.InFeatures);
        var words = checkpoint.ReadInt32(checkpoint.Require(GptqNames.Codes(layer.Name)));
        var codes = empty(rows, columns, dtype: ScalarType.Byte);
        var pointer = TensorMemory.Pointer<byte>(codes);
        Parallel.For(0, rows, row =>
            BitPacking.Unpack(words.AsSpan(row), rows, bits, new Span<byte>(pointer + ((long)row * columns), columns)));
        return codes;
    }

    private Tensor ReadZeros(Checkpoint checkpoint, LinearLayer layer, int bits, int groups)
    {
        var words = checkpoint.ReadInt32(checkpoint.Require(GptqNames.Zeros(layer.Name)));
        var perGroup = words.Length / groups;
        var zeros = new byte[groups * layer.OutFeatures];
        for (var group = 0; group < groups; group++)
        {
            BitPacking.Unpack(words.AsSpan(group * perGroup, perGroup), 1, bits, zeros.AsSpan(group * layer.OutFeatures, layer.OutFeatures));
        }

        return tensor(zeros).reshape(groups, layer.OutFeatures).t().add(zeroOffset);      // (d_out, groups)
    }

    private static Tensor ReadScales(Checkpoint checkpoint, LinearLayer layer, int groups)
    {
        var scales = tensor(checkpoint.ReadSingle(checkpoint.Require(GptqNames.Scales(layer.Name))));
        return scales.isfinite().all().item<bool>()
            ? scales.reshape(groups, layer.OutFeatures).t()                               // (d_out, groups)
            : throw Fault(layer, "its scales hold NaN or infinite values");
    }

    private static int[] ReadGroupIndex(Checkpoint checkpoint, LinearLayer layer, int groups)
    {
        var name = GptqNames.GroupIndex(layer.Name);
        if (!checkpoint.Contains(name))
        {
            var length = (layer.InFeatures + groups - 1) / groups;
            return [.. Enumerable.Range(0, layer.InFeatures).Select(column => column / length)];
        }

        var index = checkpoint.ReadInt32(Require(checkpoint, layer, name, DType.I32));
        if (index.Length != layer.InFeatures || index.Any(group => group < 0 || group >= groups))
        {
            throw Fault(layer, $"{name} has to give each of {layer.InFeatures} columns a group below {groups}");
        }

        return index;
    }

    private static TensorEntry Require(Checkpoint checkpoint, LinearLayer layer, string name, params DType[] types)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out var entry))
        {
            throw Fault(layer, $"the checkpoint has {GptqNames.Codes(layer.Name)} but no {name}");
        }

        return types.Contains(entry.DType)
            ? entry
            : throw Fault(layer, $"{name} has type {DTypes.NameOf(entry.DType)} where {string.Join(" or ", types.Select(DTypes.NameOf))} is expected");
    }

    private static void RequireShape(LinearLayer layer, TensorEntry entry, long[] expected)
    {
        if (!entry.Shape.SequenceEqual(expected))
        {
            throw Fault(layer, $"{entry.Name} has shape [{Join(entry)}] where [{string.Join(", ", expected)}] is expected");
        }
    }

    private static string Join(TensorEntry entry) => string.Join(", ", entry.Shape);

    private static QuantizedFormatException Fault(LinearLayer layer, string what) =>
        new(QuantizedFormatError.LayerInvalid, layer.Name, $"Layer {layer.Name}: {what}.");
}
