using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// Coordinate descent over the signs of A with everything else fixed: rows do not touch each other then, so that the sign of one
/// inner feature is decided in all rows at once, and turned where that lowers the row's error.
/// </summary>
internal static class SignDescent
{
    /// <summary>One pass over the inner features.</summary>
    /// <param name="product">Its <see cref="SignProduct.Outer"/> changes in place.</param>
    /// <param name="weight">W, (d_out, d_in), float32. Borrowed.</param>
    /// <param name="metric">M, (d_in, d_in): the error of a row is (w - ŵ)·M·(w - ŵ)ᵀ. Borrowed.</param>
    public static void Pass(SignProduct product, Tensor weight, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var right = product.Inner.mul(product.Columns).mul_(product.Middle.unsqueeze(1)); // R = diag(s2)·B·diag(s0), (k, d_in)
        var rightWeighted = right.mm(metric);
        var gram = rightWeighted.mm(right.t());                                       // (k, k)
        var diagonal = gram.diagonal().unsqueeze(1);
        var residual = weight - product.Outer.mul(product.Rows.unsqueeze(1)).mm(right);
        var slopes = rightWeighted.mm(residual.t());                                  // (k, d_out): R·M·(W - Ŵ)ᵀ
        var signs = product.Outer.t().contiguous();                                       // (k, d_out)
        for (var j = 0L; j < signs.shape[0]; j++)
        {
            using var step = NewDisposeScope();
            var sign = signs[j];
            var value = sign.mul(product.Rows);                                           // (d_out): the feature's share in each row
            // Turned, a share v changes a row's error by 4·(v·slope + v²·gram).
            var kept = value.mul(diagonal[j]).add_(slopes[j]).mul_(value).ge(0);
            var change = value.mul_(2).masked_fill_(kept, 0);
            slopes.addmm_(gram.narrow(1, j, 1), change.unsqueeze(0));
            sign.mul_(kept.to(ScalarType.Float32).mul_(2).sub_(1));
        }

        product.Outer.copy_(signs.t());
    }
}
