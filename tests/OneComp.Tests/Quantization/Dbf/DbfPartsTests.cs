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
        float Error() => (fixedFactor.Value.t().matmul(factor.Value) - target).square().sum().item<float>() / target.square().sum().item<float>();

        var before = Error();
        Admm.Solve(factor, fixedFactor.Value, target, rho: 0.03, reg: 0.001, adaptive: true);
        var once = Error();
        Assert.True(once < 0.5 * before, $"{once} after one solve, {before} before");
        for (var round = 0; round < 20; round++)
        {
            Admm.Solve(factor, fixedFactor.Value, target, rho: 0.03, reg: 0.001, adaptive: true);
        }

        Assert.InRange(Error(), 0, 0.01);
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
}
