using OneComp.Progress;
using OneComp.Runtime.Cuda;
using TorchSharp;

namespace OneComp.Quantization.Gptq;

/// <summary>Picks the block loop for a device.</summary>
internal static class GptqLoops
{
    /// <summary>Makes every loop where it is set: the benchmarks compare loops and time them.</summary>
    internal static Func<IGptqBlockLoop>? Override { get; set; }

    /// <summary>The fastest loop that the device can run; says once in a process why it is not the kernels where it is not.</summary>
    public static IGptqBlockLoop For(torch.Device device, IProgress<RunEvent>? progress)
    {
        if (Override is { } make)
        {
            return make();
        }

        return device.type == DeviceType.CPU
            ? new GptqCpuLoop()
            : CudaKernels.For(device, progress) is { } kernels ? new GptqCudaLoop(kernels) : new GptqTorchLoop();
    }
}
