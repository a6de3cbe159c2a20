using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>Float32 products that may lose the factors' last bits, on tensor cores where there are any; sums are float32 all the same.</summary>
internal static class ShortProduct
{
    /// <summary>left (m, k) · right (k, n), both float32. The caller owns the result.</summary>
    public static Tensor Of(Tensor left, Tensor right)
    {
        if (Cublas.For(left.device) is not { } cublas)
        {
            return left.mm(right);
        }

        var product = zeros(left.shape[0], right.shape[1], dtype: ScalarType.Float32, device: left.device);
        cublas.AddShort(product, left, right);
        return product;
    }
}
