using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Hessians;

public class HessianFactorTests
{
    private const string Layer = "model.layers.3.mlp.down_proj";

    public HessianFactorTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(HessianType.Float32, false, 0.01, 1e-5)]
    [InlineData(HessianType.Float32, true, 0.01, 1e-5)]
    [InlineData(HessianType.Float64, true, 0.01, 1e-6)]
    [InlineData(HessianType.Float64, false, 0.0, 1e-6)]
    public void R_times_R_transposed_is_the_damped_hessian(HessianType type, bool actOrder, double percDamp, double tolerance)
    {
        const int columns = 90;
        using var sample = new GptqSample(1, columns, deadColumns: 4, type);

        var factor = sample.Problem.Hessian!.Factor(percDamp, actOrder, Layer, null);

        var r = DenseMatrix.Of(factor.Root.data<float>().ToArray(), columns, columns);
        var product = DenseMatrix.Product(r, DenseMatrix.Transpose(r));
        var damped = Damped(sample.Hessian, factor.Permutation, percDamp);
        var size = Enumerable.Range(0, columns).Max(i => damped[i, i]);
        for (var i = 0; i < columns; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                Assert.InRange((product[i, j] - damped[i, j]) / size, -tolerance, tolerance);
                Assert.True(i <= j || r[i, j] == 0, $"R[{i},{j}] below the diagonal is {r[i, j]}");
            }
        }
    }

    [Theory]
    [InlineData(32)] // does not divide the columns
    [InlineData(45)]
    [InlineData(128)]
    public void Blocks_of_U_are_those_of_the_cholesky_factor_of_the_inverse(int length)
    {
        const int columns = 90;
        using var sample = new GptqSample(1, columns, deadColumns: 4, HessianType.Float64);
        var factor = sample.Problem.Hessian!.Factor(0.01, true, Layer, null);
        var inverse = DenseMatrix.Inverse(Damped(sample.Hessian, factor.Permutation, 0.01));
        var u = DenseMatrix.Transpose(DenseMatrix.Cholesky(inverse)); // H⁻¹ = UᵀU

        for (var start = 0; start < columns; start += length)
        {
            using var tensor = factor.Inverse(start, length);
            var n = Math.Min(length, columns - start);
            var block = DenseMatrix.Of(tensor.data<float>().ToArray(), n, n);
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    Assert.InRange(block[i, j] - u[start + i, start + j], -1e-5 * u[start + i, start + i], 1e-5 * u[start + i, start + i]);
                }
            }
        }
    }

    [Fact]
    public void Dead_columns_are_those_whose_input_was_always_zero()
    {
        using var hessian = Of(new float[,] { { 1, 0, 2, 0 }, { 3, 0, 1, 0 }, { 2, 0, 5, 0 } });
        Assert.Equal([1, 3], hessian.Factor(0.01, false, Layer, null).DeadColumns);
    }

    [Fact]
    public void Act_order_sorts_columns_by_descending_diagonal_and_leaves_ties_in_order()
    {
        using var hessian = Of(new float[,] { { 1, 0, 0, 0 }, { 0, 3, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 2 } });
        Assert.Equal([1, 3, 0, 2], hessian.Factor(0.01, true, Layer, null).Permutation!);
        Assert.Null(hessian.Factor(0.01, false, Layer, null).Permutation);
    }

    [Fact]
    public void H_is_twice_the_mean_of_the_inputs_products_over_all_batches()
    {
        using var hessian = Of(new float[,] { { 1, 2 }, { 3, 4 } });
        using var more = tensor(new float[,,] { { { 5, 6 } }, { { 7, 8 } } });
        hessian.Add(more);
        using var matrix = hessian.Matrix();

        Assert.Equal(4, hessian.Tokens);
        Assert.Equal([84f / 2, 100f / 2, 100f / 2, 120f / 2], matrix.data<float>().ToArray());
    }

    [Fact]
    public void Layers_of_a_stage_share_one_hessian_and_one_factor()
    {
        using var stages = new StageHessians();
        var query = GptqSample.Linear(8, 4);
        var key = query with { Name = "model.layers.0.self_attn.k_proj", Module = "self_attn.k_proj", OutFeatures = 2 };
        stages.Prepare(query, CPU, HessianType.Float32);
        stages.Prepare(key, CPU, HessianType.Float32);
        using var input = eye(4);
        stages.Add(query, input);
        stages.Add(key, input);

        var shared = stages.Of(key)!;
        Assert.Same(stages.Of(query), shared);
        Assert.Equal(4, shared.Tokens); // counted once, though both layers read it
        Assert.Same(shared.Factor(0.01, false, query.Name, null), shared.Factor(0.01, false, key.Name, null));
        Assert.NotSame(shared.Factor(0.01, false, query.Name, null), shared.Factor(0.01, true, query.Name, null));
        Assert.NotSame(shared.Factor(0.01, false, query.Name, null), shared.Factor(0.02, false, query.Name, null));
    }

    [Fact]
    public void A_layer_outside_the_stages_or_not_asked_for_has_no_hessian()
    {
        using var stages = new StageHessians();
        stages.Prepare(GptqSample.Linear(8, 4) with { Stage = null, Block = -1 }, CPU, HessianType.Float32);
        Assert.Null(stages.Of(GptqSample.Linear(8, 4) with { Stage = null, Block = -1 }));
        Assert.Null(stages.Of(GptqSample.Linear(8, 4)));
    }

    [Fact]
    public void A_singular_hessian_without_damping_gets_damping_and_a_warning_that_names_the_layer()
    {
        using var hessian = Of(new float[,] { { 1, 1, 1, 1 }, { 2, 2, 2, 2 } });
        var events = new Events();

        var factor = hessian.Factor(0, false, Layer, events);

        Assert.Equal(1e-4, factor.PercDamp);
        var warning = Assert.IsType<WarningEvent>(Assert.Single(events.Seen));
        Assert.Contains(Layer, warning.Message, StringComparison.Ordinal);
        using var finite = factor.Root.isfinite().all();
        Assert.True(finite.item<bool>());
    }

    [Fact]
    public void A_regular_hessian_gets_the_damping_asked_for_and_no_warning()
    {
        using var hessian = Of(new float[,] { { 1, 0 }, { 0, 1 } });
        var events = new Events();
        Assert.Equal(0.01, hessian.Factor(0.01, false, Layer, events).PercDamp);
        Assert.Empty(events.Seen);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)] // its square is beyond float32
    public void Activations_that_are_not_finite_are_an_error_that_names_the_layer(float value)
    {
        using var hessian = Of(new float[,] { { 1, value }, { 0, 1 } });
        var error = Assert.Throws<NumericException>(() => hessian.Factor(0.01, false, Layer, null));
        Assert.Equal((NumericError.HessianNotFinite, Layer), (error.Error, error.Subject));
    }

    [Fact]
    public void A_matrix_that_no_damping_helps_is_an_error_that_names_the_layer()
    {
        using var negative = eye(3).neg_();
        var error = Assert.Throws<NumericException>(() => HessianFactor.Of(negative.clone, 0.01, false, Layer, null));
        Assert.Equal((NumericError.HessianNotPositiveDefinite, Layer), (error.Error, error.Subject));
    }

    private static LayerHessian Of(float[,] inputs)
    {
        var hessian = new LayerHessian(inputs.GetLength(1), CPU, HessianType.Float32);
        using var x = tensor(inputs);
        hessian.Add(x);
        return hessian;
    }

    /// <summary>H with dead columns at 1, in the factor's order, damped.</summary>
    private static double[,] Damped(double[,] h, int[]? permutation, double percDamp)
    {
        var n = h.GetLength(0);
        var order = permutation ?? [.. Enumerable.Range(0, n)];
        var mean = Enumerable.Range(0, n).Average(i => h[i, i] == 0 ? 1 : h[i, i]);
        var damped = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var value = h[order[i], order[j]];
                damped[i, j] = i == j ? (value == 0 ? 1 : value) + (percDamp * mean) : value;
            }
        }

        return damped;
    }

    private sealed class Events : IProgress<RunEvent>
    {
        public List<RunEvent> Seen { get; } = [];

        public void Report(RunEvent value) => Seen.Add(value);
    }
}
