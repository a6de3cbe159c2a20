using System.Diagnostics;
using OneComp.Benchmarks.Measuring;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>What the device reaches on one large product, in operations per second.</summary>
/// <param name="HalfPrecision">bfloat16 factors (float32 on the CPU).</param>
/// <param name="Gram">Float32 factors that hold bfloat16 numbers: TensorFloat-32 on a GPU.</param>
internal sealed record Rates(double HalfPrecision, double Gram)
{
    public static Rates Measure(Device device)
    {
        var gpu = device.type == DeviceType.CUDA;
        var size = gpu ? 8192 : 1024;
        using var scope = NewDisposeScope();
        var half = randn(size, size, device: device).to(gpu ? ScalarType.BFloat16 : ScalarType.Float32);
        var wide = half.to(ScalarType.Float32);
        using var exact = TensorFloat32.WhereExactFor(half);
        return new Rates(Rate(half, device, size), Rate(wide, device, size));
    }

    private static double Rate(Tensor factor, Device device, double size)
    {
        const int runs = 10;
        factor.matmul(factor).Dispose();
        factor.matmul(factor).Dispose();
        DeviceClock.Wait(device);
        var clock = Stopwatch.StartNew();
        for (var run = 0; run < runs; run++)
        {
            factor.matmul(factor).Dispose();
        }

        DeviceClock.Wait(device);
        return runs * 2 * size * size * size / clock.Elapsed.TotalSeconds;
    }
}
