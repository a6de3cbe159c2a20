using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>
/// Lets float32 products use the GPU's tensor cores until disposed. They round factors to TensorFloat-32, which has the 8 bits of
/// bfloat16 and the 11 of float16: numbers that came from those types lose nothing, and sums are float32. A setting of the whole process.
/// </summary>
internal sealed class TensorFloat32 : IDisposable
{
    private readonly bool _before;

    private TensorFloat32()
    {
        _before = backends.cuda.matmul.allow_tf32;
        backends.cuda.matmul.allow_tf32 = true;
    }

    /// <summary>Starts where <paramref name="factor"/>, the tensor before it was widened, makes it exact; else null.</summary>
    public static TensorFloat32? WhereExactFor(Tensor factor) =>
        factor.device.type == DeviceType.CUDA && factor.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? new TensorFloat32() : null;

    /// <summary>Starts for products whose factors may lose their last bits; the sums are float32 all the same.</summary>
    public static TensorFloat32? ForEstimates(Device device) => device.type == DeviceType.CUDA ? new TensorFloat32() : null;

    public void Dispose() => backends.cuda.matmul.allow_tf32 = _before;
}
