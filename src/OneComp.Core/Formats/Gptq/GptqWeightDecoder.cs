using OneComp.Models;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.Gptq;

/// <summary>
/// Reads the weights of a gptq checkpoint, ours or another's. Bits and groups follow from the tensors' shapes; config.json
/// decides where a shape could be read in two ways, as with a side that is no multiple of 32.
/// </summary>
/// <param name="zeroOffset">What to add to a stored zero point: 1 in gptq v1, 0 in v2.</param>
/// <param name="settings">The quantization_config; null to go by the shapes.</param>
internal sealed class GptqWeightDecoder(int zeroOffset, QuantizationSettings? settings = null) : GridReader
{
    private const int RowsTogether = 16; // their words share a cache line

    public override string Method => GptqFormat.Instance.Method;

    public override bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => checkpoint.Contains(GptqNames.Codes(layer.Name));

    public override IReadOnlyList<string> TensorNames(LinearLayer layer) =>
        [GptqNames.Codes(layer.Name), GptqNames.Zeros(layer.Name), GptqNames.Scales(layer.Name), GptqNames.GroupIndex(layer.Name)];

    /// <summary>Zero points as they are stored: 2^b - 1 in v1 stands for a zero point beyond the codes.</summary>
    public override LayerGrid ReadGrid(Checkpoint checkpoint, LinearLayer layer)
    {
        var (bits, groups) = Layout(checkpoint, layer);
        var groupSize = settings?.For(layer).GroupSize;
        var index = GptqNames.GroupIndex(layer.Name);
        return new LayerGrid(
            layer,
            bits,
            groups,
            Transpose(ReadScales(checkpoint, layer, checkpoint.Require(GptqNames.Scales(layer.Name))), groups, layer.OutFeatures),
            ReadZeros(checkpoint, layer, bits, groups),
            checkpoint.Contains(index) ? ReadGroupIndex(checkpoint, layer, index, groups) : LayerGrid.NaturalOrder(layer.InFeatures, groups, groupSize),
            groupSize);
    }

    protected override unsafe Tensor ReadCodes(Checkpoint checkpoint, LinearLayer layer, int bits)
    {
        var (rows, columns) = (layer.OutFeatures, layer.InFeatures);
        using var stored = PackedWords.Read(checkpoint, checkpoint.Require(GptqNames.Codes(layer.Name)));
        var words = stored.Words;
        var codes = empty(rows, columns, dtype: ScalarType.Byte);
        var pointer = TensorMemory.Pointer<byte>(codes);
        Parallel.For(0, (rows + RowsTogether - 1) / RowsTogether, tile =>
        {
            for (int first = 0, word = 0; first < columns; first += BitPacking.ValuesPerStream, word += bits)
            {
                var count = Math.Min(BitPacking.ValuesPerStream, columns - first);
                for (var row = tile * RowsTogether; row < Math.Min((tile + 1) * RowsTogether, rows); row++)
                {
                    BitPacking.Unpack(words.Span[((word * rows) + row)..], rows, bits, new Span<byte>(pointer + ((long)row * columns) + first, count));
                }
            }
        });
        return codes;
    }

    private (int Bits, int Groups) Layout(Checkpoint checkpoint, LinearLayer layer)
    {
        var codes = Require(checkpoint, layer, GptqNames.Codes(layer.Name), DType.I32);
        var scales = Require(checkpoint, layer, GptqNames.Scales(layer.Name), DType.F16, DType.BF16, DType.F32);
        var zeros = Require(checkpoint, layer, GptqNames.Zeros(layer.Name), DType.I32);
        var groups = scales.Shape.Count == 2 ? (int)scales.Shape[0] : 0;
        var fitting = Enumerable.Range(2, 7).Where(bits => Fits(codes, layer, bits)).ToList();
        if (fitting.Count == 0 || groups < 1)
        {
            throw Fault(layer, $"{codes.Name} has shape [{Join(codes)}] and {scales.Name} [{Join(scales)}], which is no gptq layout of a {layer.OutFeatures} x {layer.InFeatures} weight");
        }

        var bits = settings?.For(layer).Bits is { } given && fitting.Contains((int)given)
            ? (int)given
            : fitting.OrderByDescending(candidate => codes.Shape[0] == BitPacking.WordCount(layer.InFeatures, candidate)).First();
        RequireShape(layer, scales, groups, layer.OutFeatures);
        if (!zeros.Shape.SequenceEqual([groups, BitPacking.LeastWordCount(layer.OutFeatures, bits)]))
        {
            RequireShape(layer, zeros, groups, BitPacking.WordCount(layer.OutFeatures, bits));
        }

        return (bits, groups);
    }

    // Others do not fill up the last 32 values of a column.
    private static bool Fits(TensorEntry codes, LinearLayer layer, int bits) =>
        codes.Shape.SequenceEqual([BitPacking.WordCount(layer.InFeatures, bits), layer.OutFeatures])
        || codes.Shape.SequenceEqual([BitPacking.LeastWordCount(layer.InFeatures, bits), layer.OutFeatures]);

    private short[] ReadZeros(Checkpoint checkpoint, LinearLayer layer, int bits, int groups)
    {
        var words = checkpoint.ReadInt32(checkpoint.Require(GptqNames.Zeros(layer.Name)));
        var perGroup = words.Length / groups;
        var stored = new byte[layer.OutFeatures];
        var zeros = new short[groups * layer.OutFeatures];
        for (var group = 0; group < groups; group++)
        {
            BitPacking.Unpack(words.AsSpan(group * perGroup, perGroup), 1, bits, stored);
            for (var row = 0; row < stored.Length; row++)
            {
                zeros[(row * groups) + group] = (short)(stored[row] + zeroOffset);
            }
        }

        return zeros;
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = values[(row * columns) + column];
            }
        }

        return result;
    }
}
