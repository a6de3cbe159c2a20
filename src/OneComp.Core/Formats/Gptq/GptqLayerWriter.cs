using System.Runtime.InteropServices;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.Gptq;

/// <summary>Writes a quantized weight as the four tensors of gptq v1.</summary>
internal static class GptqLayerWriter
{
    private const int RowsTogether = 16; // their words lie in one line of the cache
    /// <summary>Writes one layer.</summary>
    /// <param name="weight">The layer; borrowed.</param>
    /// <param name="fileOf">The file that a tensor goes to.</param>
    public static void Write(GroupedWeight weight, Func<string, SafetensorsWriter> fileOf)
    {
        var layer = weight.Layer.Name;
        using var scope = NewDisposeScope();
        Write(GptqNames.GroupIndex(layer), MemoryMarshal.AsBytes<int>(weight.GroupIndex));
        if (CudaKernels.For(weight.Codes.device, null) is { } kernels)
        {
            Write(GptqNames.Codes(layer), CudaBitPacking.PackCodes(kernels, weight.Codes, weight.Scheme.CodeBits).ToMain().bytes);
            Write(GptqNames.Zeros(layer), CudaBitPacking.PackZeros(kernels, weight.Zeros, weight.Scheme.CodeBits).ToMain().bytes);
        }
        else
        {
            Write(GptqNames.Codes(layer), MemoryMarshal.AsBytes<int>(PackCodes(weight)));
            Write(GptqNames.Zeros(layer), MemoryMarshal.AsBytes<int>(PackZeros(weight)));
        }

        Write(GptqNames.Scales(layer), weight.Scales.to(ScalarType.Float16).t().contiguous().ToMain().bytes); // (groups, d_out)

        void Write(string name, ReadOnlySpan<byte> data) => fileOf(name).Write(name, data);
    }

    internal static unsafe int[] PackCodes(GroupedWeight weight)
    {
        var (rows, columns, bits) = (weight.Layer.OutFeatures, weight.Layer.InFeatures, weight.Scheme.CodeBits);
        using var codes = weight.Codes.contiguous().ToMain();
        var pointer = TensorMemory.Pointer<byte>(codes);
        var words = new int[BitPacking.WordCount(columns, bits) * rows];      // (words, d_out)
        Parallel.For(0, (rows + RowsTogether - 1) / RowsTogether, tile =>
        {
            for (int first = 0, word = 0; first < columns; first += BitPacking.ValuesPerStream, word += bits)
            {
                var count = Math.Min(BitPacking.ValuesPerStream, columns - first);
                for (var row = tile * RowsTogether; row < Math.Min((tile + 1) * RowsTogether, rows); row++)
                {
                    BitPacking.Pack(new ReadOnlySpan<byte>(pointer + ((long)row * columns) + first, count), bits, words.AsSpan((word * rows) + row), rows);
                }
            }
        });
        return words;
    }

    internal static int[] PackZeros(GroupedWeight weight)
    {
        var (rows, bits) = (weight.Layer.OutFeatures, weight.Scheme.CodeBits);
        using var scope = NewDisposeScope();
        var zeros = weight.Zeros.cpu().sub(1).to(ScalarType.Byte).t().contiguous().bytes;         // (groups, d_out), zero - 1
        var perGroup = BitPacking.WordCount(rows, bits);
        var groups = zeros.Length / rows;
        var words = new int[groups * perGroup];
        for (var group = 0; group < groups; group++)
        {
            BitPacking.Pack(zeros.Slice(group * rows, rows), bits, words.AsSpan(group * perGroup, perGroup), 1);
        }

        return words;
    }
}
