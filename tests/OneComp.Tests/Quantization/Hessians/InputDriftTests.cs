using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Hessians;

public class InputDriftTests
{
    private const int Tokens = 200;
    private const int Features = 12;
    private const long ByRows = Features - 1; // rows of all layers: fewer than inputs
    private const long ByMatrix = Features;

    public InputDriftTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(ByRows)]
    [InlineData(ByMatrix)]
    public void Without_drift_the_weight_stays_as_it_is(long outputs)
    {
        using var scope = NewDisposeScope();
        var x = randn([Tokens, Features], generator: new Generator(1));
        var weight = randn([5, Features], generator: new Generator(2));

        Assert.True(Correct(x, x, weight, 0.01, 1, outputs).eq(weight).all().item<bool>());
    }

    [Theory]
    [InlineData(0.01, 0.5, ByMatrix)]
    [InlineData(0.1, 1.0, ByMatrix)]
    [InlineData(0.01, 0.5, ByRows)]
    [InlineData(0.1, 1.0, ByRows)]
    public void The_correction_is_share_times_W_drift_inverse_hessian(double damping, double share, long outputs)
    {
        using var scope = NewDisposeScope();
        var (x, quantized, weight) = Sample();
        var (full, drifted, w) = (x.to(ScalarType.Float64), quantized.to(ScalarType.Float64), weight.to(ScalarType.Float64));
        var hessian = drifted.t().matmul(drifted) * (2.0 / Tokens);
        var delta = (full - drifted).t().matmul(drifted) * (2.0 / Tokens);
        var damped = hessian + (eye(Features, dtype: ScalarType.Float64) * (damping * hessian.diagonal().mean()));
        var expected = w + (w.matmul(delta).matmul(linalg.inv(damped)) * share);

        var difference = Correct(x, quantized, weight, damping, share, outputs).to(ScalarType.Float64) - expected;
        Assert.InRange(difference.abs().max().item<double>(), 0, 1e-4);
    }

    [Fact]
    public void The_whole_correction_brings_outputs_closer_to_the_full_precision_ones()
    {
        using var scope = NewDisposeScope();
        var (x, quantized, weight) = Sample();
        var wanted = x.matmul(weight.t());
        var before = (quantized.matmul(weight.t()) - wanted).pow(2).sum().item<float>();
        var after = (quantized.matmul(Correct(x, quantized, weight, 0.001, 1).t()) - wanted).pow(2).sum().item<float>();

        Assert.InRange(after / before, 0, 0.8);
    }

    private static (Tensor Full, Tensor Quantized, Tensor Weight) Sample()
    {
        var x = randn([Tokens, Features], generator: new Generator(3));
        var mix = eye(Features) + (randn([Features, Features], generator: new Generator(4)) * 0.1);
        var quantized = x.matmul(mix) + (randn([Tokens, Features], generator: new Generator(5)) * 0.05);
        return (x, quantized, randn([5, Features], generator: new Generator(6)));
    }

    private static Tensor Correct(Tensor full, Tensor quantized, Tensor weight, double damping, double share, long outputs = ByRows)
    {
        using var hessian = new LayerHessian(Features, CPU, HessianType.Float32);
        using var drift = new InputDrift(Features, CPU);
        hessian.Add(quantized);
        drift.Add(full, quantized);
        return drift.Correct(weight, hessian, damping, share, outputs);
    }
}
