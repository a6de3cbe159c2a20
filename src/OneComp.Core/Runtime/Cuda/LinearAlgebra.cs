using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// The tensor library's linear algebra for GPUs, a file that it loads at the first factorisation. Where two threads come to that at once, one of them fails
/// ("lazy wrapper should be called at most once"): so it is loaded before there are threads.
/// </summary>
internal static class LinearAlgebra
{
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>Loads it, if the device is a GPU and nobody did yet.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">It cannot be loaded, or the GPU has no room; the next call tries again.</exception>
    public static void EnsureLoaded(Device device)
    {
        lock (Gate)
        {
            if (_loaded || device.type != DeviceType.CUDA)
            {
                return;
            }

            using var scope = NewDisposeScope();
            linalg.cholesky_ex(ones(1, 1, device: device), check_errors: false);
            _loaded = true;
        }
    }
}
