using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Accuracy;

/// <summary>GPTQ as published, with U of the whole inverse, in the type of the weight; symmetric groups that divide d_in, ranges as found.</summary>
internal static class PublishedGptq
{
    /// <summary>Quantizes (d_out, d_in); the caller owns the result.</summary>
    public static GroupedWeight Quantize(Tensor weight, Tensor hessian, GptqQuantizer options)
    {
        using var scope = NewDisposeScope();
        var (rows, columns, length) = ((int)weight.shape[0], (int)weight.shape[1], options.GroupSize);
        var (scheme, zero) = (new GroupScheme(options.WBits, length, true), 1 << (options.WBits - 1));
        var upper = Upper(hessian, options.PercDamp);
        var w = weight.clone();
        var codes = empty(rows, columns, dtype: ScalarType.Byte);
        var scales = empty(rows, columns / length, dtype: w.dtype);
        for (var start = 0; start < columns; start += length)
        {
            var group = w.narrow(1, start, length);
            var scale = group.abs().amax([1], keepdim: true).mul_(2.0 / scheme.MaxCode).to(ScalarType.Float32).to(w.dtype); // (d_out, 1)
            var errors = empty(rows, length, dtype: w.dtype);
            scales.narrow(1, start / length, 1).copy_(scale);
            for (var i = 0; i < length; i++)
            {
                using var columnScope = NewDisposeScope();
                var column = group.narrow(1, i, 1);
                var code = column.div(scale).to(ScalarType.Float32).round_().to(w.dtype).add_(zero).clamp_(0, scheme.MaxCode); // ties as in float32
                var u = upper.narrow(0, start + i, 1).narrow(1, start + i, length - i);
                var error = column.sub(code.sub(zero).mul_(scale)).div_(u.narrow(1, 0, 1));
                codes.narrow(1, start + i, 1).copy_(code);
                errors.narrow(1, i, 1).copy_(error);
                group.narrow(1, i, length - i).sub_(error.mul(u));
            }

            var rest = columns - start - length;
            if (rest > 0)
            {
                w.narrow(1, start + length, rest).addmm_(errors, upper.narrow(0, start, length).narrow(1, start + length, rest), alpha: -1);
            }
        }

        return new GroupedWeight(
            GptqSample.Linear(rows, columns),
            scheme,
            codes.MoveToOuterDisposeScope(),
            scales.to(ScalarType.Float16).MoveToOuterDisposeScope(),
            full_like(scales, zero, dtype: ScalarType.Byte).MoveToOuterDisposeScope(),
            [.. Enumerable.Range(0, columns).Select(column => column / length)]);
    }

    private static Tensor Upper(Tensor hessian, double percDamp)
    {
        var damped = hessian.clone();
        damped.diagonal().add_(damped.diagonal().mean() * percDamp);
        var lower = linalg.cholesky(damped.flip(0, 1));
        return linalg.solve_triangular(lower, eye(damped.shape[0], dtype: damped.dtype), upper: false).flip(0, 1).contiguous();
    }
}
