using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using TorchSharp;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Copies between main memory and a GPU that go on beside its work. The tensor library copies in its default stream, where all that comes later waits while
/// the driver moves memory that is not page-locked; here pieces go through page-locked memory on streams of their own, several at once. One for each GPU,
/// kept for the life of the process.
/// </summary>
internal sealed unsafe class GpuCopies
{
    private const long PieceBytes = 8 << 20;
    private const int Lanes = 8;

    private static readonly OncePerGpu<GpuCopies?> ByGpu = new(Load);

    private readonly CudaApi _driver = CudaApi.Instance;
    private readonly nint _context;
    private readonly BlockingCollection<(nint Stream, nint Piece)> _free = [];

    private GpuCopies(int ordinal)
    {
        _context = _driver.RetainPrimaryContext(_driver.Device(ordinal));
        using var current = new CurrentContext(_driver, _context);
        var pieces = _driver.LockedMemory(Lanes * PieceBytes);
        for (var lane = 0; lane < Lanes; lane++)
        {
            _free.Add((_driver.MakeStream(), (nint)(pieces + (lane * PieceBytes))));
        }
    }

    /// <summary>Puts a part of a tensor's bytes into memory.</summary>
    /// <param name="offset">First byte of the part, counted from the tensor's first.</param>
    /// <param name="memory">Where to.</param>
    /// <param name="count">Bytes.</param>
    public delegate void Filling(long offset, byte* memory, long count);

    private delegate void PieceWork(long offset, long count, nint stream, byte* piece);

    /// <summary>The copies of a GPU; null on the CPU and where no memory can be page-locked, in which case the tensor library has to do.</summary>
    public static GpuCopies? For(torch.Device device) => device.type == DeviceType.CUDA ? ByGpu.Of(device) : null;

    /// <summary>Fills a new tensor, which nothing uses yet; returns when it is filled.</summary>
    /// <param name="tensor">A contiguous CUDA tensor; borrowed.</param>
    /// <param name="fill">Called on several threads, each time for a part of its own.</param>
    /// <exception cref="KernelException">The driver refuses a copy.</exception>
    public void Fill(torch.Tensor tensor, Filling fill)
    {
        var start = TensorMemory.GpuPointer(tensor);
        Each(tensor, (offset, count, stream, piece) =>
        {
            fill(offset, piece, count);
            _driver.CopyToGpu(start + offset, piece, count, stream);
            _driver.Wait(stream);
        });
    }

    /// <summary>Brings a tensor to main memory once it is computed. The caller owns the copy.</summary>
    /// <param name="tensor">A contiguous CUDA tensor; borrowed.</param>
    /// <exception cref="KernelException">The driver refuses a copy.</exception>
    public torch.Tensor ToMain(torch.Tensor tensor)
    {
        var start = TensorMemory.GpuPointer(tensor);
        var copy = torch.empty(tensor.shape, tensor.dtype);
        var memory = TensorMemory.PointerOf(copy);
        Each(tensor, (offset, count, stream, piece) =>
        {
            _driver.CopyFromGpu(piece, start + offset, count, stream);
            _driver.Wait(stream);
            Buffer.MemoryCopy(piece, memory + offset, count, count);
        });
        return copy;
    }

    // The default stream comes first: it may be working on the tensor still, or on what had its memory before.
    private void Each(torch.Tensor tensor, PieceWork work)
    {
        using (new CurrentContext(_driver, _context))
        {
            _driver.WaitForDefaultStream();
        }

        var bytes = tensor.numel() * tensor.element_size();
        try
        {
            Parallel.For(0L, (bytes + PieceBytes - 1) / PieceBytes, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, index =>
            {
                using var current = new CurrentContext(_driver, _context);
                var lane = _free.Take();
                try
                {
                    work(index * PieceBytes, Math.Min(PieceBytes, bytes - (index * PieceBytes)), lane.Stream, (byte*)lane.Piece);
                }
                finally
                {
                    _free.Add(lane);
                }
            });
        }
        catch (AggregateException failed)
        {
            ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
        }
    }

    private static GpuCopies? Load(int ordinal)
    {
        try
        {
            return new GpuCopies(ordinal);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or KernelException)
        {
            return null;
        }
    }
}
