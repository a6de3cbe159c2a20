using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.CompressedTensors;

/// <summary>
/// compressed-tensors, pack-quantized: a symmetric weight as signed integers, stored with 2^(b-1) added, which is what our codes
/// are with the zero point in the middle. Since version 0.13 rows are packed densely for every number of bits.
/// </summary>
internal sealed class PackedFormat : LayerFormat
{
    public static PackedFormat Instance { get; } = new();

    public override string Method => "compressed-tensors";

    public override IReadOnlyList<TensorSpec> Specs(LinearLayer layer, LayerScheme scheme) => PackedNames.Specs(layer, (GroupScheme)scheme);

    /// <param name="weight">Symmetric, columns in the order of their groups, groups of one length; borrowed.</param>
    /// <param name="fileOf">The file that a tensor goes to.</param>
    public override void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf)
    {
        var grid = (GroupedWeight)weight;
        var layer = weight.Layer;
        using var scales = grid.Scales.to(ScalarType.Float16).ToMain();
        using var words = Pack(grid);
        Write(PackedNames.Codes(layer.Name), MemoryMarshal.AsBytes(words.Words.Span));
        Write(PackedNames.Scales(layer.Name), scales.bytes);
        Write(PackedNames.Shape(layer.Name), MemoryMarshal.AsBytes<long>([layer.OutFeatures, layer.InFeatures]));

        void Write(string name, ReadOnlySpan<byte> data) => fileOf(name).Write(name, data);
    }

    public override JsonObject Describe(LayerScheme scheme) => throw new NotSupportedException("compressed-tensors describes schemes, not layers");

    private static unsafe PackedWords Pack(GroupedWeight weight)
    {
        var (rows, columns, bits) = (weight.Layer.OutFeatures, weight.Layer.InFeatures, weight.Scheme.CodeBits);
        var (width, whole) = (BitPacking.LeastWordCount(columns, bits), BitPacking.WordCount(columns, bits));
        using var codes = weight.Codes.contiguous().ToMain();
        var pointer = TensorMemory.Pointer<byte>(codes);
        var packed = PackedWords.Rent(width * rows);
        var words = packed.Words;
        Parallel.For(0, rows, () => new int[whole], (row, _, buffer) =>
        {
            BitPacking.Pack(new ReadOnlySpan<byte>(pointer + ((long)row * columns), columns), bits, buffer, 1);
            buffer.AsSpan(0, width).CopyTo(words.Span[(row * width)..]);
            return buffer;
        }, _ => { });
        return packed;
    }
}
