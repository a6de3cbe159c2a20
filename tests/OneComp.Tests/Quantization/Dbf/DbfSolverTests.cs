using OneComp.Errors;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>DBF of single layers.</summary>
public class DbfSolverTests
{
    private static readonly DbfQuantizer Quick = new() { Iters = 12 };

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
        double Error(int iters, double bits) => DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, new DbfQuantizer { Iters = iters, TargetBits = bits }));
        var error = Error(60, 1.5);
        Assert.True(error < 0.9 * Error(4, 1.5), "60 rounds are no better than 4");
        Assert.True(error < 0.9 * Error(60, 0.8), "1.5 bits are no better than 0.8");
    }

    [Fact]
    public void A_weight_that_is_a_sign_product_comes_back_nearly_whole()
    {
        using var scope = NewDisposeScope();
        var weight = outer(linspace(0.5, 2, 40), linspace(1, 3, 50)).copysign(DbfLayers.Weight(40, 1).mul(DbfLayers.Weight(1, 50)));
        Assert.InRange(DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, new DbfQuantizer { Iters = 60, TargetBits = 1 })), 0, 0.05);
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Zeros_stay_zeros_and_do_no_harm(bool useBalancing)
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(32, 40);
        weight.select(0, 3).zero_();
        weight.select(1, 7).zero_();
        using var hessian = Hessian(40, _ => 1);
        var restored = DbfLayers.Restore(weight, Quick with { UseBalancing = useBalancing }, hessian);
        Assert.Equal(0, restored.select(0, 3).abs().max().item<float>(), 1e-6);
        Assert.Equal(0, restored.select(1, 7).abs().max().item<float>(), 1e-6);
        Assert.InRange(DbfLayers.RelativeError(weight, restored), 0, 0.6);
        Assert.Equal(0, DbfLayers.Restore(zeros(8, 8), Quick).abs().max().item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(1e-8)]
    [InlineData(1e8)]
    public void Weights_of_any_size_fit_half_precision_scales(double size)
    {
        using var scope = NewDisposeScope();
        var weight = DbfLayers.Weight(32, 40);
        var usual = DbfLayers.RelativeError(weight, DbfLayers.Restore(weight, Quick));
        Assert.InRange(DbfLayers.RelativeError(weight * size, DbfLayers.Restore(weight * size, Quick)), 0, 1.2 * usual);
    }

    [Fact]
    public void Weighting_by_inputs_spends_the_error_where_inputs_are_small()
    {
        using var scope = NewDisposeScope();
        var weight = randn(48, 64, dtype: ScalarType.Float32);
        using var hessian = Hessian(64, column => column < 16 ? 10 : 1);
        double LoudError(DbfQuantizer options) => (DbfLayers.Restore(weight, options, hessian) - weight).narrow(1, 0, 16).square().sum().item<float>();
        Assert.True(LoudError(Quick with { UseBalancing = false }) < 0.7 * LoudError(Quick));
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

    /// <summary>H of independent inputs of these sizes.</summary>
    private static LayerHessian Hessian(int columns, Func<int, float> size)
    {
        using var scope = NewDisposeScope();
        var hessian = new LayerHessian(columns, CPU, HessianType.Float32);
        hessian.Add(randn(200, columns, dtype: ScalarType.Float32).mul_(tensor(Enumerable.Range(0, columns).Select(size).ToArray())));
        return hessian;
    }
}
