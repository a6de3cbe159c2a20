using System.Runtime.InteropServices;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Tests.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>Runs alone: it counts the memory of the whole process.</summary>
[CollectionDefinition(nameof(CountedMemory), DisableParallelization = true)]
public sealed class CountedMemory;

/// <summary>
/// The terms of the memory formula against the memory that is really in use, on Linux, where the C library counts what it gives out.
/// </summary>
[Collection(nameof(CountedMemory))]
public class CountedMemoryTests
{
    private const int Columns = 2048;
    private const int Rows = 1024;
    private const double Matrix = 4.0 * Columns * Columns;
    private const double Room = 0.35; // of a matrix: panels, workspaces, the runtime

    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD: what is larger the C library takes from the system one by one, and gives back

    public CountedMemoryTests()
    {
        TorchRuntime.EnsureLoaded();
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(1, Mallopt(MmapThreshold, 256 << 10));
        }
    }

    [LinuxFact]
    public void A_factor_takes_two_matrices_beside_the_sum_and_keeps_one() => AssertFactor(actOrder: false);

    [LinuxFact]
    public void A_factor_of_ordered_columns_takes_no_more() => AssertFactor(actOrder: true);

    [LinuxFact]
    public void A_correction_by_its_matrix_takes_two_beside_the_sums() => AssertCorrection(Columns, 3); // the sum on the CPU is float64 and made float32 for it

    [LinuxFact]
    public void A_correction_row_by_row_takes_a_factor_and_four_of_the_weight() => AssertCorrection(Rows, 2 + (4.0 * Rows / Columns)); // and the sum made float32

    private static void AssertCorrection(long outputs, double matrices)
    {
        using var hessian = Hessian();
        using var drift = new InputDrift(Columns, CPU);
        using var input = randn(64, Columns);
        drift.Add(input, input * 0.9);
        using var weight = randn(Rows, Columns);
        var (peak, _) = Count(() => drift.Correct(weight, hessian, 0.01, 0.5, outputs));
        Assert.InRange(peak, 1, matrices + Room);
    }

    [LinuxFact]
    public void A_layer_takes_no_more_than_the_formula_says()
    {
        using var hessian = Hessian();
        using var weight = randn(Rows, Columns).mul_(0.02);
        var layer = new LinearLayer("model.layers.0.mlp.down_proj", 0, "mlp.down_proj", BlockStage.MlpOutput, Columns, Rows, HasBias: false);
        var (peak, _) = Count(() => new GptqQuantizer { WBits = 4, GroupSize = 128 }.Quantize(new LayerProblem(layer, weight, hessian, null), default));
        Assert.InRange(peak, 1, (((8.0 * Columns * Columns) + (18.0 * Rows * Columns)) / Matrix) + Room);
    }

    private static void AssertFactor(bool actOrder)
    {
        using var hessian = Hessian();
        var (peak, kept) = Count(() => hessian.Factor(0.01, actOrder, "layer", null));
        Assert.InRange(peak, 1, 2 + Room);
        Assert.InRange(kept, 0.9, 1 + Room);
    }

    private static LayerHessian Hessian()
    {
        var hessian = new LayerHessian(Columns, CPU, HessianType.Float32);
        using var input = randn(4096, Columns);
        hessian.Add(input);
        return hessian;
    }

    /// <summary>Matrices' worth of memory at the peak and at the end, beyond what there was.</summary>
    private static (double Peak, double Kept) Count<T>(Func<T> work)
    {
        using var noGrad = no_grad();
        long before = Settled(), peak = 0;
        using var stop = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, Now());
            }
        });
        watch.Start();
        var result = work();
        stop.Cancel();
        watch.Join();
        var kept = Now();
        (result as IDisposable)?.Dispose();
        return ((peak - before) / Matrix, (kept - before) / Matrix);
    }

    /// <summary>What is in use once tensors of earlier tests are gone, which threads that end and finalizers free when it suits them.</summary>
    private static long Settled()
    {
        var (now, same) = (-1L, 0);
        for (var wait = 0; wait < 100 && same < 3; wait++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
            Thread.Sleep(50);
            var found = Now();
            (now, same) = (found, found == now ? same + 1 : 0);
        }

        return now;
    }

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    private static extern int Mallopt(int parameter, int value);

    /// <summary>Bytes that the C library has given out (mallinfo2).</summary>
    private static long Now()
    {
        var usage = MallocInfo();
        return (long)(usage.Mapped + usage.Pooled);
    }

    [DllImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static extern MallocUsage MallocInfo();

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocUsage
    {
        private readonly nuint _arena, _ordblks, _smblks, _hblks;

        /// <summary>hblkhd: bytes in blocks taken from the system one by one.</summary>
        public readonly nuint Mapped;

        private readonly nuint _usmblks, _fsmblks;

        /// <summary>uordblks: bytes in use in the library's own pools, where it has had room for a block since an earlier test.</summary>
        public readonly nuint Pooled;

        private readonly nuint _fordblks, _keepcost;
    }
}
