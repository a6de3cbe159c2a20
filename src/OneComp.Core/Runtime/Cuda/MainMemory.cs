using TorchSharp;

namespace OneComp.Runtime.Cuda;

/// <summary>Tensors in main memory.</summary>
internal static class MainMemory
{
    /// <summary>A tensor in main memory, copied there beside the GPU's work where that can be; itself where it is there. The caller owns both.</summary>
    public static torch.Tensor ToMain(this torch.Tensor tensor) =>
        tensor.is_contiguous() && GpuCopies.For(tensor.device) is { } copies ? copies.ToMain(tensor) : tensor.cpu();
}
