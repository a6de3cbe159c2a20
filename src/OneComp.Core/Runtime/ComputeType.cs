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

    /// <summary>
    /// The type that hidden states are kept in between blocks that compute in <paramref name="computed"/>. Float16 ends at 65504, which
    /// the residual stream of trained models passes, so that its states are float32; bfloat16 has float32's range (docs/adr/0027).
    /// </summary>
    public static ScalarType OfStates(ScalarType computed) => computed == ScalarType.Float16 ? ScalarType.Float32 : computed;

    /// <summary>True for the types that overflow, or round, where float32 does not.</summary>
    public static bool IsHalf(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16;
}
