using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// The scales that make (W - Ŵ)·H·(W - Ŵ)ᵀ least for given codes: with C the codes less their zero points and C_g those of group g
/// alone, the solution of Σ_h (C_g·H·C_hᵀ)·s_h = C_g·H·Wᵀ for each row.
/// </summary>
internal static class GroupScaleFit
{
    private const double Ridge = 1e-6;
    private const long MostElements = 1 << 26; // of the rows' systems at once

    /// <summary>Fits the scales of every row; a row whose fit is no better keeps its own.</summary>
    /// <param name="wanted">W·H, (d_out, d_in).</param>
    /// <param name="hessian">H with damping, (d_in, d_in).</param>
    /// <param name="centred">C, (d_out, d_in).</param>
    /// <param name="scales">(d_out, groups).</param>
    /// <param name="groupLength">Columns to a group; groups follow each other, the last may be shorter.</param>
    /// <returns>(d_out, groups), which the caller owns.</returns>
    public static Tensor Of(Tensor wanted, Tensor hessian, Tensor centred, Tensor scales, int groupLength)
    {
        using var scope = NewDisposeScope();
        var (rows, groups) = (scales.shape[0], scales.shape[1]);
        var step = Math.Max(1, MostElements / Math.Max(groups * groups, wanted.shape[1]));
        var fitted = new List<Tensor>();
        for (long first = 0; first < rows; first += step)
        {
            var count = Math.Min(step, rows - first);
            fitted.Add(Rows(wanted.narrow(0, first, count), hessian, centred.narrow(0, first, count), scales.narrow(0, first, count), groupLength));
        }

        return cat(fitted).MoveToOuterDisposeScope();
    }

    private static Tensor Rows(Tensor wanted, Tensor hessian, Tensor centred, Tensor scales, int groupLength)
    {
        using var scope = NewDisposeScope();
        var groups = scales.shape[1];
        var matrix = CudaKernels.For(centred.device, null) is { } kernels && SplitProduct.For(centred.device) is { } products
            ? CudaScaleSystems.Of(kernels, products, hessian, centred, groupLength, (int)groups)
            : Systems(hessian, centred, groupLength, groups);                                                          // (rows, groups, groups)
        var right = GroupSums(wanted.mul(centred), groupLength, groups);                                              // (rows, groups)
        var diagonal = matrix.diagonal(0, 1, 2);
        var damped = matrix + diag_embed((diagonal.mean([1], keepdim: true) * Ridge) + diagonal.eq(0).to(matrix.dtype));
        // The ridge pulls towards the scales that are there, so that a group without codes keeps its own.
        var pulled = right + ((damped.diagonal(0, 1, 2) - diagonal) * scales);
        var (lower, info) = linalg.cholesky_ex(damped, check_errors: false);
        var found = cholesky_solve(pulled.unsqueeze(2), lower).squeeze(2);
        var usable = info.eq(0).unsqueeze(1)
            .logical_and(found.isfinite().all(1, keepdim: true))
            .logical_and(found.gt(0).all(1, keepdim: true))
            .logical_and(found.lt((float)Half.MaxValue).all(1, keepdim: true));
        return where(usable, found, scales).MoveToOuterDisposeScope();
    }

    private static Tensor Systems(Tensor hessian, Tensor centred, int groupLength, long groups)
    {
        using var scope = NewDisposeScope();
        var systems = new List<Tensor>();
        for (long group = 0; group < groups; group++)
        {
            var first = group * groupLength;
            var length = Math.Min(groupLength, centred.shape[1] - first);
            var product = centred.narrow(1, first, length).mm(hessian.narrow(0, first, length));                   // C_g·H, (rows, d_in)
            systems.Add(GroupSums(product.mul_(centred), groupLength, groups));                                        // (rows, groups)
        }

        return stack(systems, 1).MoveToOuterDisposeScope();
    }

    private static Tensor GroupSums(Tensor values, int groupLength, long groups)
    {
        using var scope = NewDisposeScope();
        var padding = (groups * groupLength) - values.shape[1];
        return nn.functional.pad(values, [0, padding]).reshape(values.shape[0], groups, groupLength).sum(dim: 2).MoveToOuterDisposeScope();
    }
}
