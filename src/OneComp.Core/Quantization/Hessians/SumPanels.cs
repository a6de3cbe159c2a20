using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// Sums over batches of windows. On the CPU they are float64, so that they round to the same float32 in whatever order batches come, which depends on
/// the number of devices; on a GPU float32, in half the memory and time, and added up in an order of their own (<see cref="SumTree"/>).
/// </summary>
internal static class SumPanels
{
    private const long ElementsAtOnce = 64 << 20; // a quarter of a gigabyte on its way

    /// <summary>Type of a sum.</summary>
    public static ScalarType TypeOn(Device device) => device.type == TorchSharp.DeviceType.CPU ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>sum += left · right. Factors float32; borrowed.</summary>
    public static void AddProduct(Tensor sum, Tensor left, Tensor right)
    {
        if (sum.dtype == ScalarType.Float32)
        {
            sum.addmm_(left, right);
            return;
        }

        using var product = left.mm(right);
        sum.add_(product);
    }

    /// <summary>to += from, some rows at a time so that little memory is taken beside. Both (rows, columns); borrowed.</summary>
    public static void Add(Tensor to, Tensor from)
    {
        var rows = Math.Max(1, ElementsAtOnce / from.shape[1]);
        for (long start = 0; start < from.shape[0]; start += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, from.shape[0] - start);
            to.narrow(0, start, count).add_(from.narrow(0, start, count).to(to.device)); // no copy where they are on one device
        }
    }
}
