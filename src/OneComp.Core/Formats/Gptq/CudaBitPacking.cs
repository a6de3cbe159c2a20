using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Formats.Gptq;

/// <summary>Packs codes and zero points where they are, so that only words leave the GPU (bit_packing.cu).</summary>
internal static unsafe class CudaBitPacking
{
    private const int Threads = 256;

    /// <summary>Codes (d_out, d_in) uint8 → (words of d_in, d_out) int32, which the caller owns.</summary>
    public static Tensor PackCodes(CudaKernels kernels, Tensor codes, int bits)
    {
        var (rows, columns) = ((int)codes.shape[0], (int)codes.shape[1]);
        var words = empty(BitPacking.WordCount(columns, bits), rows, dtype: ScalarType.Int32, device: codes.device);
        Launch(kernels, codes, words, new PackArguments
        {
            LineStride = codes.stride(0),
            ValueStride = codes.stride(1),
            WordLineStride = 1,
            WordStride = rows,
            Lines = rows,
            Count = columns,
            Bits = bits,
        });
        return words;
    }

    /// <summary>Zero points (d_out, groups) uint8, less one → (groups, words of d_out) int32, which the caller owns.</summary>
    public static Tensor PackZeros(CudaKernels kernels, Tensor zeros, int bits)
    {
        var (rows, groups) = ((int)zeros.shape[0], (int)zeros.shape[1]);
        var perGroup = BitPacking.WordCount(rows, bits);
        var words = empty(groups, perGroup, dtype: ScalarType.Int32, device: zeros.device);
        Launch(kernels, zeros, words, new PackArguments
        {
            LineStride = zeros.stride(1),
            ValueStride = zeros.stride(0),
            WordLineStride = perGroup,
            WordStride = 1,
            Lines = groups,
            Count = rows,
            Bits = bits,
            Subtract = 1,
        });
        return words;
    }

    private static void Launch(CudaKernels kernels, Tensor values, Tensor words, PackArguments arguments)
    {
        arguments.Values = TensorMemory.PointerOf(values);
        arguments.Words = TensorMemory.PointerOf(words);
        var streams = (arguments.Count + BitPacking.ValuesPerStream - 1) / BitPacking.ValuesPerStream;
        kernels.Launch("pack_bits", (((long)arguments.Lines * streams) + Threads - 1) / Threads, Threads, 0, arguments);
    }
}
