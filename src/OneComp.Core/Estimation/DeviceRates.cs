using System.Diagnostics;
using static TorchSharp.torch;

namespace OneComp.Estimation;

/// <summary>What a device does in a second.</summary>
/// <param name="FlopPerSecond">Of large matrix products in float32 (TensorFloat-32 on a GPU).</param>
/// <param name="SecondsPerSearchStep">A step of the range search for one weight.</param>
/// <param name="SecondsPerWeight">The column loop, or a round of refining, for one weight.</param>
internal sealed record DeviceRates(double FlopPerSecond, double SecondsPerSearchStep, double SecondsPerWeight)
{
    // A kernel's part of the time of 14336 x 4096 in docs/performance.md: some for each weight, the products apart.
    private const double GpuSearchStep = 3e-13;
    private const double GpuWeight = 1e-10;
    private const double GpuShare = 0.5;  // of the rate of one large product, as forward and Gram have it

    // A step by the search alone, on 2 cores; a weight by tiny-llama on them: 50 s of processor time by the reference's preset, which searches and refines nothing.
    private const double CpuSearchStep = 1e-10;
    private const double CpuWeight = 2e-8;
    private const double CpuShare = 0.5;
    private const int Size = 512;
    private const int Repeats = 5;

    /// <summary>Times a product on the device: a fraction of a second.</summary>
    public static DeviceRates Measure(Device device)
    {
        var isGpu = device.type == TorchSharp.DeviceType.CUDA;
        var size = isGpu ? 8 * Size : Size;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var matrix = rand(size, size, dtype: ScalarType.Float32, device: device);
        Multiply(matrix); // libraries load at the first
        var least = Enumerable.Range(0, Repeats).Min(_ => // whatever else runs on the machine only makes it longer
        {
            var clock = Stopwatch.StartNew();
            Multiply(matrix);
            return clock.Elapsed.TotalSeconds;
        });
        var rate = 2.0 * size * size * size / least;
        return isGpu ? new(rate * GpuShare, GpuSearchStep, GpuWeight) : new(rate * CpuShare, CpuSearchStep, CpuWeight);
    }

    private static void Multiply(Tensor matrix)
    {
        using var product = matrix.mm(matrix);
        using var corner = product[0, 0];
        corner.item<float>(); // waits for a GPU
    }
}
