using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Rtn;
using OneComp.Runtime;
using OneComp.Tuning;
using static TorchSharp.torch;

namespace OneComp.Tests.Tuning;

public class TunedLayerTests
{
    private static readonly LinearLayer Layer = new("model.layers.0.mlp.up_proj", 0, "mlp.up_proj", BlockStage.MlpInput, 4, 2, false);

    static TunedLayerTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void It_starts_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var layer = new TunedLayer(Start(), Start().Dequantize());
        Assert.Equal(Start().Dequantize().data<float>().ToArray(), layer.Weight().data<float>().ToArray());
    }

    [Fact]
    public void Scales_go_against_their_slope_by_the_rate_at_the_first_step()
    {
        using var scope = NewDisposeScope();
        var (input, gradient) = Batch();
        using var layer = new TunedLayer(Start(), Start().Dequantize());
        layer.Add(input, gradient);
        layer.Step(0.01, 0);

        // Adam's first step is the rate, against the gradient's sign: ∂L/∂f_rg = Σ_c∈g (gᵀx)_rc·ŵ_rc.
        var products = gradient.t().matmul(input).mul(Start().Dequantize());
        var slopes = stack([products[.., 0] + products[.., 3], products[.., 1] + products[.., 2]], 1);
        using var result = layer.Result();
        var expected = Start().Scales.to(ScalarType.Float32).mul(slopes.sign().mul(-0.01f).exp());
        Assert.Equal(expected.data<float>().ToArray(), result.Scales.to(ScalarType.Float32).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-3 * a);
        Assert.Equal(Start().Codes.data<byte>().ToArray(), result.Codes.data<byte>().ToArray());
    }

    [Fact]
    public void A_code_moves_when_it_was_pushed_over_half_a_step_and_stays_in_its_range()
    {
        using var scope = NewDisposeScope();
        var (input, gradient) = Batch();
        using var layer = new TunedLayer(Start(), Start().Dequantize());
        for (var step = 0; step < 2; step++)
        {
            layer.Add(input, gradient);
            layer.Step(0, 0.3);
        }

        using var result = layer.Result();
        var signs = gradient.t().matmul(input).sign().neg().to(ScalarType.Int16); // scales are positive
        var expected = (Start().Codes.to(ScalarType.Int16) + signs).clamp(0, 7);
        Assert.Equal(expected.data<short>().ToArray(), result.Codes.to(ScalarType.Int16).data<short>().ToArray());
    }

    [Fact]
    public void Steps_bring_codes_that_are_off_to_where_the_outputs_are_wanted()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var weight = randn(16, 32).mul_(0.1);
        var mix = randn(32, 32).mul_(0.3).add_(eye(32));
        var layer = new LinearLayer("model.layers.0.mlp.up_proj", 0, "mlp.up_proj", BlockStage.MlpInput, 32, 16, false);
        var scheme = new GroupScheme(3, 32, true);
        var off = weight + randn(16, 32).mul_(0.1); // about a step and a half of the grid
        var rounded = RtnSolver.Round(layer, scheme, off, GroupRanges.Find(off, 32, new RtnQuantizer { WBits = 3, GroupSize = 32 }.SearchFor(scheme)));
        rounded.Detach();
        var before = Error(rounded.Dequantize());
        using var tuned = new TunedLayer(rounded, off);
        const int steps = 200;
        for (var step = 0; step < steps; step++)
        {
            var input = randn(64, 32).matmul(mix);
            tuned.Add(input, input.matmul((tuned.Weight() - weight).t()));  // of half the squared error of the output
            tuned.Step(0, 0.01 * (steps - step) / steps);
        }

        var after = Error(tuned.Weight());
        Assert.True(after < before * 0.5, $"after {after}, before {before}");

        double Error(Tensor found) => (found - weight).matmul(mix.t()).square().sum().item<float>();
    }

    private static (Tensor Input, Tensor Gradient) Batch()
    {
        manual_seed(3);
        return (randn(5, 4), randn(5, 2));
    }

    private static GroupedWeight Start() => new(
        Layer,
        new GroupScheme(3, 2, true),
        tensor((byte[])[0, 1, 2, 3, 4, 5, 6, 7]).reshape(2, 4),
        tensor((float[])[0.1f, 0.2f, 0.3f, 0.4f]).reshape(2, 2).to(ScalarType.Float16),
        full([2, 2], 4, dtype: ScalarType.Byte),
        [0, 1, 1, 0]);
}
