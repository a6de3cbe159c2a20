using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>The type that activations are computed in.</summary>
internal static class ComputeType
{
    /// <summary>
    /// Float32 on the CPU; on a GPU the type that the model is stored in when that is a half type, since it was trained to
    /// run in it, and float32 otherwise.
    /// </summary>
    public static ScalarType For(Device device, Safetensors.DType? stored) => device.type == DeviceType.CPU
        ? ScalarType.Float32
        : stored switch
        {
            Safetensors.DType.BF16 => ScalarType.BFloat16,
            Safetensors.DType.F16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
}
