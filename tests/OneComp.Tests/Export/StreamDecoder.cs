using OneComp.Safetensors;

namespace OneComp.Tests.Export;

/// <summary>
/// Decodes the layouts bit by bit from their descriptions, with nothing of the product but the reader of safetensors files: slow, and
/// independent of how the product packs.
/// </summary>
internal static class StreamDecoder
{
    /// <summary>Value <paramref name="index"/> of a stream of <paramref name="bits"/>-bit values, the first in the lowest bits of the first word.</summary>
    public static int Value(Func<int, int> word, int index, int bits)
    {
        var value = 0;
        for (var bit = 0; bit < bits; bit++)
        {
            var position = (index * bits) + bit;
            value |= ((word(position / 32) >> (position % 32)) & 1) << bit;
        }

        return value;
    }

    /// <summary>gptq v1: values along d_in, zero points less one along d_out, and the group of each column.</summary>
    public static float[] Gptq(Checkpoint checkpoint, string layer, int rows, int columns, int bits)
    {
        var codes = checkpoint.ReadInt32(checkpoint.Require(layer + ".qweight"));
        var zeros = checkpoint.ReadInt32(checkpoint.Require(layer + ".qzeros"));
        var scales = checkpoint.ReadSingle(checkpoint.Require(layer + ".scales"));
        var groups = checkpoint.ReadInt32(checkpoint.Require(layer + ".g_idx"));
        var zeroWords = (int)checkpoint.Require(layer + ".qzeros").Shape[1];
        var weight = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (r, group) = (row, groups[column]);
                var zero = Value(word => zeros[(group * zeroWords) + word], row, bits) + 1;
                weight[(row * columns) + column] = scales[(group * rows) + row] * (Value(word => codes[(word * rows) + r], column, bits) - zero);
            }
        }

        return weight;
    }

    /// <summary>pack-quantized: each row one stream of q + 2^(b-1), scales by row and group of d_in / groups columns.</summary>
    public static float[] Packed(Checkpoint checkpoint, string layer, int bits)
    {
        var entry = checkpoint.Require(layer + ".weight_packed");
        var (codes, scales) = (checkpoint.ReadInt32(entry), checkpoint.ReadSingle(checkpoint.Require(layer + ".weight_scale")));
        var shape = checkpoint.ReadInt32(checkpoint.Require(layer + ".weight_shape"));
        var (rows, columns, words, groups) = (shape[0], shape[1], (int)entry.Shape[1], (int)checkpoint.Require(layer + ".weight_scale").Shape[1]);
        Assert.Equal(((columns * bits) + 31) / 32, words);
        Assert.Equal(0, columns % groups);
        var weight = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var r = row;
                var q = Value(word => codes[(r * words) + word], column, bits) - (1 << (bits - 1));
                weight[(row * columns) + column] = scales[(row * groups) + (column / (columns / groups))] * q;
            }
        }

        return weight;
    }
}
