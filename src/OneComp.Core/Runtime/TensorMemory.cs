using TorchSharp;

namespace OneComp.Runtime;

/// <summary>The memory behind a tensor, for copies that exceed a span's two gigabytes and for kernels.</summary>
public static unsafe class TensorMemory
{
    private static readonly delegate* unmanaged<nint, byte*> Data =
        (delegate* unmanaged<nint, byte*>)TorchRuntime.Export("THSTensor_data");

    /// <summary>
    /// Address of the first element: in main memory, or on the GPU for a CUDA tensor. It is good while the tensor lives;
    /// elements lie in order only where the tensor is contiguous. The caller keeps the tensor.
    /// </summary>
    public static byte* PointerOf(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Data(tensor.Handle);
    }

    /// <summary>Address of the first element of a contiguous CUDA tensor, for kernels.</summary>
    internal static byte* GpuPointer(torch.Tensor tensor) =>
        tensor.is_contiguous() && tensor.device.type == DeviceType.CUDA
            ? PointerOf(tensor)
            : throw new ArgumentException("a contiguous CUDA tensor is needed", nameof(tensor));

    /// <summary>Address of the first element of a contiguous CPU tensor, to be indexed from there.</summary>
    internal static T* Pointer<T>(torch.Tensor tensor)
        where T : unmanaged =>
        tensor.is_contiguous() && tensor.device.type == DeviceType.CPU
            ? (T*)PointerOf(tensor)
            : throw new ArgumentException("a contiguous CPU tensor is needed", nameof(tensor));
}
