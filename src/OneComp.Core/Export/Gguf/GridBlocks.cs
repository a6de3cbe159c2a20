using System.Buffers.Binary;
using OneComp.Formats;
using static OneComp.Export.Gguf.GgufTensorTypes;

namespace OneComp.Export.Gguf;

/// <summary>Rows of codes as GGUF blocks, without going through floating point.</summary>
/// <param name="grid">A layer that fits the type exactly.</param>
/// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
internal sealed class GridBlocks(LayerGrid grid, GgufTensorType type)
{
    private const int NibbleOffset = 8;
    private readonly int _blockBytes = type.BlockBytes();

    /// <summary>Writes one row.</summary>
    /// <param name="row">The row of the layer, for its scales.</param>
    /// <param name="codes">Its codes, d_in of them.</param>
    /// <param name="output">Its blocks.</param>
    public void Write(int row, ReadOnlySpan<byte> codes, Span<byte> output)
    {
        for (var block = 0; block < codes.Length / BlockLength; block++)
        {
            var group = (row * grid.Groups) + grid.GroupIndex[block * BlockLength];
            WriteBlock(grid.Scales[group], grid.Zeros[group], codes.Slice(block * BlockLength, BlockLength), output.Slice(block * _blockBytes, _blockBytes));
        }
    }

    private void WriteBlock(float scale, int zero, ReadOnlySpan<byte> codes, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        switch (type)
        {
            case GgufTensorType.Q4_0:
                WriteNibbles(codes, NibbleOffset - zero, block[2..]);
                break;
            case GgufTensorType.Q4_1:
                BinaryPrimitives.WriteHalfLittleEndian(block[2..], (Half)(-scale * zero));
                WriteNibbles(codes, 0, block[4..]);
                break;
            default:
                for (var i = 0; i < codes.Length; i++)
                {
                    block[2 + i] = (byte)(sbyte)(codes[i] - zero);
                }

                break;
        }
    }

    // The first half of the block lies in the low nibbles, the second in the high ones.
    private static void WriteNibbles(ReadOnlySpan<byte> codes, int offset, Span<byte> nibbles)
    {
        for (var i = 0; i < BlockLength / 2; i++)
        {
            nibbles[i] = (byte)((codes[i] + offset) | ((codes[i + (BlockLength / 2)] + offset) << 4));
        }
    }
}
