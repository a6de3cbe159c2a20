using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>Copies beside a GPU's work, there and back, from several threads at once while it works on other things.</summary>
internal static class CopyChecks
{
    private static readonly long[] Lengths = [1, 1000, (8 << 20) - 1, 8 << 20, (8 << 20) + 1, 100_000_007];

    /// <summary>Checks a device; none where copies are the tensor library's.</summary>
    public static IEnumerable<KernelCheck> Of(Device device)
    {
        if (GpuCopies.For(device) is not { } copies)
        {
            return [];
        }

        var differing = new double[Lengths.Length];
        using var other = randn(4096, 4096, device: device);
        Parallel.For(0, Lengths.Length + 1, index =>
        {
            using var scope = NewDisposeScope();
            if (index == Lengths.Length)
            {
                for (var product = 0; product < 50; product++)
                {
                    other.matmul(other).Dispose();
                }

                return;
            }

            differing[index] = ThereAndBack(copies, device, Lengths[index]);
        });
        return [.. Lengths.Select((length, index) => KernelCheck.Of($"copy: {length} bytes there and back", differing[index], 0))];
    }

    private static unsafe double ThereAndBack(GpuCopies copies, Device device, long length)
    {
        var bytes = randint(256, [length], dtype: ScalarType.Byte);
        var from = TensorMemory.PointerOf(bytes);
        var there = empty([length], ScalarType.Byte, device);
        copies.Fill(there, (offset, memory, count) => Buffer.MemoryCopy(from + offset, memory, count, count));
        var changed = there.add(1); // a kernel that has to come after the one copy and before the other
        return copies.ToMain(changed).sub(1).ne(bytes).to(ScalarType.Float32).mean().item<float>();
    }
}
