using OneComp.Errors;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>DBF of single layers.</summary>
public class DbfSolverTests
{
    private static readonly DbfQuantizer Quick = new() { Iters = 12, UseBalancing = true, RefineIters = 0 };
    private static readonly DbfQuantizer Weighted = new() { Iters = 12, HessianIters = 4 };

    public DbfSolverTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(48, 64);
        using var first = DbfLayers.Quantize(DbfLayers.Layer(48, 64), weight, Quick);
        DbfLayers.Restore(DbfLayers.Weight(8, 8), Quick);                       // what was drawn in between must not matter
        using var second = DbfLayers.Quantize(DbfLayers.Layer(48, 64), weight, Quick);
        using var other = DbfLayers.Quantize(DbfLayers.Layer(48, 64), weight, Quick with { Seed = 1 });
        Assert.True(first.Outer.Equals(second.Outer) && first.Inner.Equals(second.Inner));
        Assert.True(first.Scales.Rows.Equals(second.Scales.Rows) && first.Scales.Middle.Equals(second.Scales.Middle) && first.Scales.Columns.Equals(second.Scales.Columns));
        Assert.False(first.Outer.Equals(other.Outer));
    }

    [Fact]
    public void More_rounds_and_more_bits_lower_the_error()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        var weight = randn([64, 96], dtype: ScalarType.Float32, device: CPU, generator: generator);
        double Error(int iters, double bits) => DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, Quick with { Iters = iters, TargetBits = bits }));
        var error = Error(60, 1.5);
        Assert.True(error < 0.9 * Error(4, 1.5), "60 rounds are no better than 4");
        Assert.True(error < 0.9 * Error(60, 0.8), "1.5 bits are no better than 0.8");
    }

    [Fact]
    public void A_weight_that_is_a_sign_product_comes_back_nearly_whole()
    {
        using var scope = NewDisposeScope();
        var weight = outer(linspace(0.5, 2, 40), linspace(1, 3, 50)).copysign(DbfLayers.Weight(40, 1).mul(DbfLayers.Weight(1, 50)));
        Assert.InRange(DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, Quick with { Iters = 60, TargetBits = 1 })), 0, 0.05);
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(1, 1)]
    [InlineData(13, 27)]
    [InlineData(3, 200)]
    public void Any_shape_can_be_factorized(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(rows, columns);
        var restored = DbfLayers.Restore(weight, Quick);
        Assert.Equal(weight.shape, restored.shape);
        Assert.InRange(DbfLayers.RelativeError(weight, restored), 0, 0.8);
    }

    [Fact]
    public void Zeros_stay_zeros_and_do_no_harm_when_balanced()
    {
        using var scope = NewDisposeScope();
        var weight = WithZeros();
        var restored = DbfLayers.Restore(weight, Quick);
        Assert.Equal(0, restored.select(0, 3).abs().max().item<float>(), 1e-6);
        Assert.Equal(0, restored.select(1, 7).abs().max().item<float>(), 1e-6);
        Assert.InRange(DbfLayers.RelativeError(weight, restored), 0, 0.6);
        Assert.Equal(0, DbfLayers.Restore(zeros(8, 8), Quick).abs().max().item<float>(), 1e-6);
    }

    [Fact]
    public void Rows_of_zeros_and_dead_inputs_do_no_harm_when_weighted()
    {
        using var scope = NewDisposeScope();
        using var hessian = DbfLayers.Hessian(40, column => column == 9 ? 0 : 1); // a column of zeros may make up for other columns' errors
        var weight = WithZeros();
        var restored = DbfLayers.Restore(weight, Weighted, hessian);
        Assert.Equal(0, restored.select(0, 3).abs().max().item<float>(), 1e-6);
        Assert.True(restored.isfinite().all().item<bool>());
        Assert.InRange(DbfLayers.OutputError(weight, restored, hessian) / DbfLayers.OutputError(weight, zeros_like(weight), hessian), 0, 0.6);
        Assert.Equal(0, DbfLayers.Restore(zeros(8, 40), Weighted, hessian).abs().max().item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(1e-8, true)]
    [InlineData(1e8, true)]
    [InlineData(1e-8, false)]
    [InlineData(1e8, false)]
    public void Weights_of_any_size_fit_half_precision_scales(double size, bool useBalancing)
    {
        using var scope = NewDisposeScope();
        using var hessian = DbfLayers.CorrelatedHessian(40);
        var options = useBalancing ? Quick : Weighted;
        var weight = DbfLayers.Weight(32, 40);
        var usual = DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, options, hessian));
        Assert.InRange(DbfLayers.RelativeError(weight * size, DbfLayers.Restore(weight * size, options, hessian)), 0, 1.2 * usual);
    }

    [Fact]
    public void Weighting_by_inputs_spends_the_error_where_inputs_are_small()
    {
        using var scope = NewDisposeScope();
        var weight = Even(48, 64);
        using var hessian = DbfLayers.Hessian(64, column => column < 16 ? 10 : 1);
        double LoudError(DbfQuantizer options) => (DbfLayers.Restore(weight, options, hessian) - weight).narrow(1, 0, 16).square().sum().item<float>();
        Assert.True(LoudError(Weighted) < 0.7 * LoudError(Quick));
    }

    [Fact]
    public void Weighting_by_curvature_spends_the_error_where_the_loss_is_flat()
    {
        using var scope = NewDisposeScope();
        var weight = Even(64, 48);
        using var hessian = DbfLayers.Hessian(48, _ => 1);
        var curvature = cat([full(16, 100, dtype: ScalarType.Float32), ones(48, dtype: ScalarType.Float32)]);
        double SteepError(DbfQuantizer options) => (DbfLayers.Restore(weight, options, hessian, curvature) - weight).narrow(0, 0, 16).square().sum().item<float>();
        Assert.True(SteepError(Weighted) < 0.7 * SteepError(Weighted with { UseCurvature = false }));
    }

    [Fact]
    public void Rounds_under_the_whole_Hessian_lower_the_error_at_the_outputs()
    {
        using var scope = NewDisposeScope();
        var weight = Even(48, 64);
        using var hessian = DbfLayers.CorrelatedHessian(64);
        double Error(int rounds) => DbfLayers.OutputError(weight, DbfLayers.Restore(weight, Weighted with { HessianIters = rounds, RefineIters = 0 }, hessian), hessian);
        var (whole, diagonal) = (Error(8), Error(0));
        Assert.True(whole < 0.8 * diagonal, $"{whole} with the whole Hessian, {diagonal} with its diagonal");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refining_lowers_the_error_at_the_outputs(bool useBalancing)
    {
        using var scope = NewDisposeScope();
        var weight = Even(48, 64);
        using var hessian = DbfLayers.CorrelatedHessian(64);
        double Error(int rounds) => DbfLayers.OutputError(weight, DbfLayers.Restore(weight, Weighted with { UseBalancing = useBalancing, RefineIters = rounds }, hessian), hessian);
        var (refined, plain) = (Error(3), Error(0));
        Assert.True(refined < 0.99 * plain, $"{refined} refined, {plain} as found");
    }

    [Fact]
    public void A_layer_of_unknown_curvature_lets_its_rows_count_alike()
    {
        using var scope = NewDisposeScope();
        var weight = Even(24, 32);
        using var hessian = DbfLayers.CorrelatedHessian(32);
        Assert.True(DbfLayers.Restore(weight, Weighted, hessian).Equals(DbfLayers.Restore(weight, Weighted with { UseCurvature = false }, hessian, arange(24))));
    }

    [Fact]
    public void A_curvature_that_is_not_finite_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var hessian = DbfLayers.Hessian(8, _ => 1);
        var exception = Assert.Throws<NumericException>(() => DbfLayers.Restore(Even(8, 8), Weighted, hessian, full(8, float.NaN, dtype: ScalarType.Float32)));
        Assert.Equal("NumericStatisticNotFinite", exception.ErrorId);
        Assert.Contains("model.layers.0.self_attn.q_proj", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_that_is_not_finite_is_refused_by_name(float value)
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(8, 8);
        weight[2, 3] = value;
        var exception = Assert.Throws<NumericException>(() => DbfLayers.Restore(weight, Quick));
        Assert.Equal(("NumericWeightNotFinite", ErrorKind.InvalidResult), (exception.ErrorId, exception.Kind));
        Assert.Contains("model.layers.0.self_attn.q_proj", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_run_stops_between_rounds()
    {
        using var weight = DbfLayers.Weight(8, 8);
        var problem = new LayerProblem(DbfLayers.Layer(8, 8), weight, null, null);
        Assert.Throws<OperationCanceledException>(() => Quick.Quantize(problem, new CancellationToken(canceled: true)));
    }

    /// <summary>Normal weights, all of one size.</summary>
    private static Tensor Even(int rows, int columns)
    {
        using var generator = new Generator(5, CPU);
        return randn([rows, columns], dtype: ScalarType.Float32, device: CPU, generator: generator);
    }

    private static Tensor WithZeros()
    {
        var weight = DbfLayers.Weight(32, 40);
        weight.select(0, 3).zero_();
        weight.select(1, 7).zero_();
        return weight;
    }
}
