using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime.Cpu;

/// <summary>
/// What lies between the products of a decoder block in float32 on the CPU, each in one pass over memory where the tensor library takes several, of
/// which each wakes its threads. Only where the tensor library records no gradient.
/// </summary>
internal static unsafe class HostKernels
{
    private static readonly int Lanes = Vector512<float>.Count;

    /// <summary>Whether a tensor can be worked on here.</summary>
    /// <param name="input">Contiguous if so.</param>
    /// <param name="size">What has to be a multiple of a vector's 16 numbers.</param>
    public static bool Takes(Tensor input, long size) =>
        input.device.type == DeviceType.CPU && input.dtype == ScalarType.Float32 && size % Lanes == 0 && input.numel() > 0 && !is_grad_enabled() && input.is_contiguous();

    /// <summary>w·x / √(mean x² + ε) over the last dimension; the caller owns the result.</summary>
    /// <param name="input">(..., size) that <see cref="Takes"/>.</param>
    /// <param name="weight">(size) float32.</param>
    /// <param name="epsilon">ε.</param>
    public static Tensor Norm(Tensor input, Tensor weight, double epsilon)
    {
        var output = empty_like(input);
        var columns = (int)input.shape[^1];
        var from = TensorMemory.Pointer<float>(input);
        var by = TensorMemory.Pointer<float>(weight);
        var to = TensorMemory.Pointer<float>(output);
        HostRows.Each(input.numel() / columns, columns, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var x = from + (row * columns);
                var y = to + (row * columns);
                var squares = Vector512<float>.Zero;
                for (var i = 0; i < columns; i += Lanes)
                {
                    var value = Vector512.Load(x + i);
                    squares += value * value;
                }

                var scale = Vector512.Create(1 / MathF.Sqrt((Vector512.Sum(squares) / columns) + (float)epsilon));
                for (var i = 0; i < columns; i += Lanes)
                {
                    (Vector512.Load(x + i) * scale * Vector512.Load(by + i)).Store(y + i);
                }
            }
        });
        GC.KeepAlive((input, weight));
        return output;
    }

    /// <summary>silu(gate)·up for tensors of one shape that <see cref="Takes"/>; the caller owns the result.</summary>
    public static Tensor SiluGate(Tensor gate, Tensor up)
    {
        var output = empty_like(gate);
        var g = TensorMemory.Pointer<float>(gate);
        var u = TensorMemory.Pointer<float>(up);
        var to = TensorMemory.Pointer<float>(output);
        HostRows.Each(gate.numel() / Lanes, Lanes, (start, end) =>
        {
            for (var i = start * Lanes; i < end * Lanes; i += Lanes)
            {
                var value = Vector512.Load(g + i);
                (value / (Vector512<float>.One + Vector512.Exp(-value)) * Vector512.Load(u + i)).Store(to + i);
            }
        });
        GC.KeepAlive((gate, up));
        return output;
    }

    /// <summary>x (B, T, heads, d), cosines and sines (T, d/2) → (B, heads, T, d), turned; the caller owns it.</summary>
    /// <param name="input">With d/2 that <see cref="Takes"/>.</param>
    /// <param name="cosines">Of each position and pair, float32.</param>
    /// <param name="sines">Likewise.</param>
    public static Tensor Turn(Tensor input, Tensor cosines, Tensor sines)
    {
        var (windows, tokens, heads, half) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3] / 2);
        var output = empty(windows, heads, tokens, 2 * half);
        var from = TensorMemory.Pointer<float>(input);
        var to = TensorMemory.Pointer<float>(output);
        var c = TensorMemory.Pointer<float>(cosines);
        var s = TensorMemory.Pointer<float>(sines);
        HostRows.Each(windows * tokens, heads * 2 * half, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var (window, token) = (row / tokens, row % tokens);
                for (var head = 0L; head < heads; head++)
                {
                    var x = from + (((row * heads) + head) * 2 * half);
                    var y = to + ((((window * heads) + head) * tokens) + token) * 2 * half;
                    for (var i = 0L; i < half; i += Lanes)
                    {
                        var (first, second) = (Vector512.Load(x + i), Vector512.Load(x + half + i));
                        var (cosine, sine) = (Vector512.Load(c + (token * half) + i), Vector512.Load(s + (token * half) + i));
                        ((first * cosine) - (second * sine)).Store(y + i);
                        ((second * cosine) + (first * sine)).Store(y + half + i);
                    }
                }
            }
        });
        GC.KeepAlive((input, cosines, sines));
        return output;
    }

    /// <summary>The largest magnitude in each row, NaN where there is one, of (rows, ...) with rows that <see cref="Takes"/>.</summary>
    public static float[] LargestOfRows(Tensor values)
    {
        var rows = values.shape[0];
        var columns = values.numel() / rows;
        var largest = new float[rows];
        var from = (int*)TensorMemory.Pointer<float>(values);
        HostRows.Each(rows, columns, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var most = Vector512<int>.Zero;
                for (var i = 0L; i < columns; i += Lanes)
                {
                    most = Vector512.Max(most, Vector512.Load(from + (row * columns) + i) & Vector512.Create(int.MaxValue)); // bits of magnitudes lie in their order, NaN last
                }

                var bits = 0;
                for (var lane = 0; lane < Lanes; lane++)
                {
                    bits = Math.Max(bits, most[lane]);
                }

                largest[row] = BitConverter.Int32BitsToSingle(bits);
            }
        });
        GC.KeepAlive(values);
        return largest;
    }
}
