using OneComp.Models;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.CompressedTensors;

/// <summary>Reads pack-quantized weights: symmetric ones of 2 to 8 bits, in groups or whole rows, with act-order or without.</summary>
/// <param name="schemes">The schemes of config.json.</param>
internal sealed class PackedReader(PackedSchemes schemes) : GridReader
{
    public override string Method => PackedFormat.Instance.Method;

    public override bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => checkpoint.Contains(PackedNames.Codes(layer.Name));

    public override IReadOnlyList<string> TensorNames(LinearLayer layer) =>
        [PackedNames.Codes(layer.Name), PackedNames.Scales(layer.Name), PackedNames.Shape(layer.Name), PackedNames.Zeros(layer.Name), PackedNames.GroupIndex(layer.Name)];

    public override LayerGrid ReadGrid(Checkpoint checkpoint, LinearLayer layer)
    {
        var scheme = schemes.For(layer) ?? throw Fault(layer, $"the checkpoint has {PackedNames.Codes(layer.Name)}, but no config group of config.json names the layer");
        if (checkpoint.Contains(PackedNames.Zeros(layer.Name)) || !scheme.Symmetric)
        {
            throw Fault(layer, "it is asymmetric (weight_zero_point); only symmetric pack-quantized weights are read");
        }

        var (rows, columns) = (layer.OutFeatures, layer.InFeatures);
        RequireShape(layer, Require(checkpoint, layer, PackedNames.Codes(layer.Name), DType.I32), rows, BitPacking.LeastWordCount(columns, scheme.CodeBits));
        var shape = checkpoint.ReadInt32(Require(checkpoint, layer, PackedNames.Shape(layer.Name), DType.I64, DType.I32));
        if (!shape.AsSpan().SequenceEqual([rows, columns]))
        {
            throw Fault(layer, $"{PackedNames.Shape(layer.Name)} says [{string.Join(", ", shape)}] where [{rows}, {columns}] is expected");
        }

        var scales = Require(checkpoint, layer, PackedNames.Scales(layer.Name), DType.F16, DType.BF16, DType.F32);
        var groups = scheme.GroupCount(columns);
        RequireShape(layer, scales, rows, groups);
        var zeros = new short[rows * groups];
        Array.Fill(zeros, (short)(1 << (scheme.CodeBits - 1)));
        var index = PackedNames.GroupIndex(layer.Name);
        return new LayerGrid(
            layer,
            scheme.CodeBits,
            groups,
            ReadScales(checkpoint, layer, scales),
            zeros,
            checkpoint.Contains(index) ? ReadGroupIndex(checkpoint, layer, index, groups) : LayerGrid.NaturalOrder(columns, groups, scheme.GroupSize),
            scheme.GroupSize);
    }

    protected override unsafe Tensor ReadCodes(Checkpoint checkpoint, LinearLayer layer, int bits)
    {
        var (rows, columns, width) = (layer.OutFeatures, layer.InFeatures, BitPacking.LeastWordCount(layer.InFeatures, bits));
        using var stored = PackedWords.Read(checkpoint, checkpoint.Require(PackedNames.Codes(layer.Name)));
        var words = stored.Words;
        var codes = empty(rows, columns, dtype: ScalarType.Byte);
        var pointer = TensorMemory.Pointer<byte>(codes);
        Parallel.For(0, rows, row =>
            BitPacking.Unpack(words.Span.Slice(row * width, width), 1, bits, new Span<byte>(pointer + ((long)row * columns), columns)));
        return codes;
    }
}
