using OneComp.Runtime;
using TorchSharp;

namespace OneComp.Tests.Support;

/// <summary>A theory about GPU kernels; skipped where there is no GPU that the tensor library can use.</summary>
public sealed class CudaTheoryAttribute : TheoryAttribute
{
    public CudaTheoryAttribute() => Skip = TorchRuntime.HasCuda && torch.cuda.is_available() ? null : "needs a CUDA GPU and a tensor library with CUDA";
}
