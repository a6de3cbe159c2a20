using OneComp.Quantization.Dbf;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>The parts of the solver: balancing, projection, ADMM, seeds.</summary>
public class DbfPartsTests
{
    public DbfPartsTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(BalanceMode.L1, 1.0)]
    [InlineData(BalanceMode.L2, 3.0)]
    public void Balancing_gives_rows_and_columns_the_norms_asked_for(BalanceMode mode, double alpha)
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(24, 60);
        var (rows, columns) = Balance.Of(weight, mode, alpha, rounds: 100);
        var balanced = weight * rows.unsqueeze(1) * columns;
        var norms = mode == BalanceMode.L1 ? balanced.abs() : balanced.square();
        Assert.All(norms.sum(dim: 1).data<float>().ToArray(), norm => Assert.InRange(norm / alpha, 0.999, 1.001));
        Assert.All(norms.sum(dim: 0).data<float>().ToArray(), norm => Assert.InRange(norm / (alpha * 24 / 60), 0.999, 1.001));
    }

    [Fact]
    public void Balancing_leaves_rows_and_columns_of_zeros_alone()
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(10, 12);
        weight.select(0, 3).zero_();
        weight.select(1, 5).zero_();
        var (rows, columns) = Balance.Of(weight, BalanceMode.L1, 1, 40);
        Assert.Equal(1, rows[3].item<float>());
        Assert.Equal(1, columns[5].item<float>());
        Assert.True(rows.isfinite().all().item<bool>() && columns.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_projection_keeps_signs_and_has_the_magnitudes_of_the_best_rank_one_matrix()
    {
        using var scope = NewDisposeScope();
        var matrix = DbfLayers.Weight(20, 30);
        var projected = RankOne.Project(matrix);
        Assert.True(projected.sign().eq(matrix.sign()).all().item<bool>());
        var (u, s, v) = linalg.svd(matrix.abs(), fullMatrices: false);
        var best = outer(u.select(1, 0), v.select(0, 0)).mul_(s[0]).abs_();
        var excess = (projected.abs() - matrix.abs()).square().sum().item<float>() / (best - matrix.abs()).square().sum().item<float>();
        Assert.InRange(excess, 0.9999, 1.001);
    }

    [Fact]
    public void Solving_with_the_other_factor_fixed_finds_a_solution_that_is_there()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using var fixedFactor = new SignFactor(12, 40, generator, CPU);
        using var factor = new SignFactor(12, 30, generator, CPU);
        fixedFactor.NormaliseInto(factor);
        var target = fixedFactor.Value.t().matmul(RankOne.Project(DbfLayers.Weight(12, 30)));
        using var system = new GramSystem(fixedFactor.Value.matmul(fixedFactor.Value.t()));
        var right = fixedFactor.Value.matmul(target);
        float Error() => (fixedFactor.Value.t().matmul(factor.Value) - target).square().sum().item<float>() / target.square().sum().item<float>();

        var before = Error();
        Admm.Solve(factor, system, right, rho: 0.03, adaptive: true);
        var once = Error();
        Assert.True(once < 0.5 * before, $"{once} after one solve, {before} before");
        for (var round = 0; round < 20; round++)
        {
            Admm.Solve(factor, system, right, rho: 0.03, adaptive: true);
        }

        Assert.InRange(Error(), 0, 0.01);
    }

    [Fact]
    public void A_ridge_step_under_correlations_solves_its_equation()
    {
        using var scope = NewDisposeScope();
        var factor = DbfLayers.Weight(6, 40);
        var gram = factor.matmul(factor.t());
        var right = DbfLayers.Weight(6, 30, seed: 8);
        using var hessian = DbfLayers.CorrelatedHessian(30);
        using var correlation = InputCorrelation.Of(hessian, ones(30, dtype: ScalarType.Float32), shrinkage: 0.1);
        using var system = new KroneckerSystem(gram, correlation);
        system.Shift(0.2);
        var x = system.Solve(right);
        var back = gram.matmul(x).matmul(correlation.Matrix) + (x * 0.2);
        Assert.InRange((back - right).norm().item<float>() / right.norm().item<float>(), 0, 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Correlations_are_drawn_towards_zero_by_their_share(double shrinkage)
    {
        using var scope = NewDisposeScope();
        using var hessian = DbfLayers.CorrelatedHessian(12);
        var sizes = hessian.InputMoments().sqrt();
        using var correlation = InputCorrelation.Of(hessian, sizes, shrinkage);
        var h = hessian.Matrix().div(2);
        var expected = (h / sizes / sizes.unsqueeze(1) * (1 - shrinkage)) + (eye(12) * shrinkage);
        Assert.True(correlation.Matrix.allclose(expected, 1e-4, 1e-5));
    }

    [Fact]
    public void Fitted_scales_have_no_better_neighbours()
    {
        using var scope = NewDisposeScope();
        var (product, weight, metric) = RefinementCase();
        for (var pass = 0; pass < 200; pass++)
        {
            ScaleFit.Pass(product, weight, metric);
        }

        var best = Error(product, weight, metric);
        foreach (var scale in new[] { product.Rows, product.Middle, product.Columns })
        {
            foreach (var factor in new[] { 0.99f, 1.01f })
            {
                using var kept = scale.clone();
                scale[2] *= factor;
                Assert.True(Error(product, weight, metric) > best);
                scale.copy_(kept);
            }
        }
    }

    [Fact]
    public void Sign_descent_ends_where_no_single_sign_can_be_turned_with_gain()
    {
        using var scope = NewDisposeScope();
        var (product, weight, metric) = RefinementCase();
        var last = Error(product, weight, metric);
        for (var pass = 0; pass < 20; pass++)
        {
            SignDescent.Pass(product, weight, metric);
            var error = Error(product, weight, metric);
            Assert.True(error <= last * 1.0001, $"pass {pass}: {error} after {last}");
            last = error;
        }

        for (var row = 0; row < 10; row++)
        {
            for (var inner = 0; inner < 8; inner++)
            {
                product.Outer[row, inner] *= -1;
                Assert.True(Error(product, weight, metric) > last * 0.9999, $"turning ({row}, {inner}) helps");
                product.Outer[row, inner] *= -1;
            }
        }
    }

    [Fact]
    public void Moving_lengths_between_factors_keeps_their_product()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using var left = new SignFactor(5, 8, generator, CPU);
        using var right = new SignFactor(5, 9, generator, CPU);
        var before = left.Value.t().matmul(right.Value);
        left.NormaliseInto(right);
        Assert.True(left.Value.t().matmul(right.Value).allclose(before, 1e-5, 1e-5));
        Assert.All(left.Value.norm(1).data<float>().ToArray(), length => Assert.InRange(length, 0.9999, 1.0001));
    }

    [Fact]
    public void A_layers_seed_is_stable_and_depends_on_both_seed_and_name()
    {
        Assert.Equal(LayerSeed.Of(1, "a"), LayerSeed.Of(1, "a"));
        Assert.Equal(3, new[] { LayerSeed.Of(0, "a"), LayerSeed.Of(1, "a"), LayerSeed.Of(0, "b") }.Distinct().Count());
        Assert.Equal(8360009132437586809ul, LayerSeed.Of(0, "model.layers.0.self_attn.q_proj"));
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1)]
    [InlineData(1e6)]
    public void Saved_scales_have_one_mean_magnitude_and_keep_their_product(double size)
    {
        using var scope = NewDisposeScope();
        using var scales = DbfScales.Of(tensor(new[] { 1f, 3f }) * size, tensor(new[] { 1e-3f, 2e-3f }), tensor(new[] { 50f, 70f }));
        var means = new[] { scales.Rows, scales.Middle, scales.Columns }.Select(scale => scale.to(ScalarType.Float32).mean().item<float>()).ToArray();
        Assert.All(means, mean => Assert.InRange(mean / means[0], 0.998, 1.002));
        var product = (double)scales.Rows[1].item<Half>() * (double)scales.Middle[0].item<Half>() * (double)scales.Columns[1].item<Half>();
        Assert.InRange(product / (3 * size * 1e-3 * 70), 0.997, 1.003);
    }

    private static (SignProduct Product, Tensor Weight, Tensor Metric) RefinementCase()
    {
        using var hessian = DbfLayers.CorrelatedHessian(12);
        using var correlation = InputCorrelation.Of(hessian, hessian.InputMoments().sqrt(), 0.2);
        var product = new SignProduct(
            DbfLayers.Weight(10, 8, seed: 1).sign(),
            DbfLayers.Weight(8, 12, seed: 2).sign(),
            ones(10, dtype: ScalarType.Float32),
            full(8, 0.02, dtype: ScalarType.Float32),
            ones(12, dtype: ScalarType.Float32));
        return (product, DbfLayers.Weight(10, 12), correlation.Matrix.clone());
    }

    private static double Error(SignProduct product, Tensor weight, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var restored = product.Outer.mul(product.Middle).matmul(product.Inner.mul(product.Columns)).mul_(product.Rows.unsqueeze(1));
        var difference = (weight - restored).to(ScalarType.Float64);
        return difference.matmul(metric.to(ScalarType.Float64)).mul_(difference).sum().item<double>();
    }
}
