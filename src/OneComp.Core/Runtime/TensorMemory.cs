using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>Direct access to a CPU tensor's elements.</summary>
internal static class TensorMemory
{
    /// <summary>
    /// Address of the first element of a contiguous CPU tensor. Valid while the tensor lives; its memory never moves.
    /// </summary>
    public static unsafe T* Pointer<T>(Tensor tensor)
        where T : unmanaged
    {
        if (!tensor.is_contiguous() || tensor.device.type != TorchSharp.DeviceType.CPU)
        {
            throw new ArgumentException("a contiguous CPU tensor is needed", nameof(tensor));
        }

        using var first = tensor.view(-1).narrow(0, 0, 1); // a span over all of it would stop at 2 GiB
        fixed (byte* address = first.bytes)
        {
            return (T*)address;
        }
    }
}
