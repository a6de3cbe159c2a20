using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// What lies between the products of a decoder block, each in one kernel (block_forward.cu) where the tensor library takes several passes over
/// memory. Only where the tensor library records no gradient: kernels are not recorded, and have their own ways back (BlockBackKernels).
/// </summary>
internal static unsafe class BlockKernels
{
    internal const int Quad = 4; // values to a thread
    internal const int Threads = 256;
    private const int Lanes = 32;

    /// <summary>The kernels for a tensor in a half type on a GPU; null where plain operations have to do.</summary>
    /// <param name="input">Contiguous if there are any.</param>
    /// <param name="size">What has to be a multiple of four.</param>
    public static CudaKernels? For(Tensor input, long size) =>
        input.device.type == DeviceType.CUDA && size % Quad == 0 && input.numel() > 0 && !is_grad_enabled() && input.is_contiguous() && TypeOf(input.dtype) >= 0
            ? CudaKernels.For(input.device, null)
            : null;

    /// <summary>Norms the last dimension into a type that <see cref="For"/> takes; the caller owns the result.</summary>
    public static Tensor Norm(CudaKernels kernels, Tensor input, Tensor weight, double epsilon, ScalarType type)
    {
        var columns = (int)input.shape[^1];
        var output = empty(input.shape, dtype: type, device: input.device);
        kernels.Launch("rms_norm", input.numel() / columns, ThreadsToRow(columns), 0, new NormArguments
        {
            Input = TensorMemory.GpuPointer(input),
            Weight = TensorMemory.GpuPointer(weight),
            Output = TensorMemory.GpuPointer(output),
            Columns = columns,
            InputType = TypeOf(input.dtype),
            OutputType = TypeOf(type),
            Epsilon = (float)epsilon,
        });
        return output;
    }

    /// <summary>x (B, T, heads, d), cosines and sines (T, d/2) → (B, heads, T, d), turned; the caller owns it.</summary>
    public static Tensor Turn(CudaKernels kernels, Tensor input, Tensor cosines, Tensor sines) =>
        Turn(kernels, input, cosines, sines, empty([input.shape[0], input.shape[2], input.shape[1], input.shape[3]], dtype: input.dtype, device: input.device), back: false);

    /// <summary>Turned the other way, which is how gradients go, in the order it is in, (B, T, heads, d); the caller owns it.</summary>
    public static Tensor TurnBack(CudaKernels kernels, Tensor input, Tensor cosines, Tensor sines) =>
        Turn(kernels, input, cosines, sines, empty_like(input), back: true);

    private static Tensor Turn(CudaKernels kernels, Tensor input, Tensor cosines, Tensor sines, Tensor output, bool back)
    {
        var (windows, tokens, heads, half) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3] / 2);
        var quads = windows * tokens * heads * (half / Quad);
        kernels.Launch("turn_heads", Blocks(quads), Threads, 0, new RotaryArguments
        {
            Input = TensorMemory.GpuPointer(input),
            Cosines = TensorMemory.GpuPointer(cosines),
            Sines = TensorMemory.GpuPointer(sines),
            Output = TensorMemory.GpuPointer(output),
            Quads = quads,
            Tokens = (int)tokens,
            Heads = (int)heads,
            Half = (int)half,
            Type = TypeOf(input.dtype),
            Back = back ? 1 : 0,
        });
        return output;
    }

    /// <summary>act(gate)·up for tensors of one shape and type; the caller owns it.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="function">0 silu, 1 gelu, 2 gelu by tanh.</param>
    /// <param name="gate">What is activated.</param>
    /// <param name="up">What it gates.</param>
    public static Tensor Gate(CudaKernels kernels, int function, Tensor gate, Tensor up)
    {
        var output = empty(gate.shape, dtype: gate.dtype, device: gate.device);
        var quads = gate.numel() / Quad;
        kernels.Launch("gate_up", Blocks(quads), Threads, 0, new GateArguments
        {
            Gate = TensorMemory.GpuPointer(gate),
            Up = TensorMemory.GpuPointer(up),
            Output = TensorMemory.GpuPointer(output),
            Quads = quads,
            Function = function,
            Type = TypeOf(gate.dtype),
        });
        return output;
    }

    /// <summary>Threads that share a row.</summary>
    internal static int ThreadsToRow(int columns) => columns <= 4 * Quad * Lanes ? Lanes : Threads;

    internal static long Blocks(long threads) => (threads + Threads - 1) / Threads;

    internal static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => 0,
        ScalarType.BFloat16 => 1,
        ScalarType.Float16 => 2,
        _ => -1,
    };
}
