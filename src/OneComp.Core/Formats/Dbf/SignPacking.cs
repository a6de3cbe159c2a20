using static TorchSharp.torch;

namespace OneComp.Formats.Dbf;

/// <summary>
/// Signs as bits, +1 as 1: a matrix row by row as one stream, eight to a byte, the first in the highest bit. The last byte is
/// filled up with ones.
/// </summary>
internal static class SignPacking
{
    private const int BitsPerByte = 8;

    /// <summary>Bytes that so many signs take.</summary>
    public static long ByteCount(long signs) => (signs + BitsPerByte - 1) / BitsPerByte;

    /// <summary>Packs a bool tensor; the result is uint8 of one dimension on the same device. The caller owns it.</summary>
    public static Tensor Pack(Tensor positive)
    {
        using var scope = NewDisposeScope();
        var signs = positive.numel();
        var padded = ones(ByteCount(signs) * BitsPerByte, dtype: ScalarType.Byte, device: positive.device);
        padded.narrow(0, 0, signs).copy_(positive.reshape(-1));
        var bits = padded.reshape(-1, BitsPerByte).mul_(BitValues(positive.device));
        return bits.sum(dim: 1, type: ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>Unpacks a matrix of signs, true for +1. The caller owns it.</summary>
    public static Tensor Unpack(Tensor packed, long rows, long columns)
    {
        using var scope = NewDisposeScope();
        var bits = packed.unsqueeze(1).bitwise_and(BitValues(packed.device)).ne(0);
        return bits.reshape(-1).narrow(0, 0, rows * columns).reshape(rows, columns).MoveToOuterDisposeScope();
    }

    private static Tensor BitValues(Device device) => tensor(new byte[] { 128, 64, 32, 16, 8, 4, 2, 1 }, device: device);
}
