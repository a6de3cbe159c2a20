using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Hessians;

public class LayerHessianTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(2049)] // in two panels
    public void The_matrix_is_two_over_the_tokens_times_the_sum_of_products(int columns)
    {
        TorchRuntime.EnsureLoaded();
        manual_seed(1);
        using var scope = NewDisposeScope();
        var input = randn(2, 12, columns);
        using var hessian = new LayerHessian(columns, CPU, HessianType.Float32);

        hessian.Add(input.narrow(0, 0, 1));
        hessian.Matrix().Dispose(); // must not disturb what follows
        hessian.Add(input.narrow(0, 1, 1));

        var flat = input.reshape(-1, columns).to(ScalarType.Float64);
        var difference = hessian.Matrix().sub(flat.t().matmul(flat).mul_(2.0 / 24)).abs_().max().item<double>();
        Assert.InRange(difference, 0, 1e-5);
    }
}
