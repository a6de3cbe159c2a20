using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>
/// Lets float32 products use the GPU's tensor cores until disposed. They round factors to TensorFloat-32, which has the 8 bits of
/// bfloat16 and the 11 of float16: numbers that came from those types lose nothing, and sums are float32. A setting of the whole process:
/// while several GPUs work at once it stays off, since another's products would lose their last bits.
/// </summary>
internal sealed class TensorFloat32 : IDisposable
{
    private static int _forbidden;
    private readonly bool _before;

    private TensorFloat32()
    {
        _before = backends.cuda.matmul.allow_tf32;
        backends.cuda.matmul.allow_tf32 = true;
    }

    /// <summary>Starts where <paramref name="factor"/>, the tensor before it was widened, makes it exact; else null.</summary>
    public static TensorFloat32? WhereExactFor(Tensor factor) =>
        factor.device.type == DeviceType.CUDA && factor.dtype is ScalarType.BFloat16 or ScalarType.Float16 && Volatile.Read(ref _forbidden) == 0
            ? new TensorFloat32()
            : null;

    /// <summary>Keeps it off until disposed.</summary>
    public static IDisposable Forbid()
    {
        Interlocked.Increment(ref _forbidden);
        return new Ban();
    }

    public void Dispose() => backends.cuda.matmul.allow_tf32 = _before;

    private sealed class Ban : IDisposable
    {
        private int _lifted;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lifted, 1) == 0)
            {
                Interlocked.Decrement(ref _forbidden);
            }
        }
    }
}
