using OneComp.Runtime;
using OneComp.Runtime.Cpu;
using static TorchSharp.torch;

namespace OneComp.Tests.Runtime.Cpu;

public class HostKernelsTests
{
    public HostKernelsTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(1, 16)]
    [InlineData(3, 48)]
    [InlineData(700, 640)] // shared among threads
    public void A_norm_is_that_of_the_tensor_library(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (x, weight) = (randn(rows, columns), randn(columns));

        var found = HostKernels.Norm(x, weight, 1e-5);

        Close(x * (x.square().mean([-1], keepdim: true) + 1e-5).rsqrt() * weight, found, 1e-6);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(600, 640)]
    public void A_gate_is_that_of_the_tensor_library(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (gate, up) = (randn(rows, columns).mul_(20), randn(rows, columns));

        var found = HostKernels.SiluGate(gate, up);

        Close(nn.functional.silu(gate) * up, found, 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gate_passes_on_what_is_not_finite(float value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var gate = ones(2, 16);
        gate[1, 3] = value;

        var found = HostKernels.SiluGate(gate, ones(2, 16));

        Assert.False(float.IsFinite(found[1, 3].item<float>()));
        Assert.True(float.IsFinite(found[0, 3].item<float>()));
    }

    [Theory]
    [InlineData(1, 3, 2, 32)]
    [InlineData(4, 100, 8, 64)]
    public void Heads_are_turned_as_by_the_tensor_library(int windows, int tokens, int heads, int size)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var x = randn(windows, tokens, heads, size);
        var (cosines, sines) = (randn(tokens, size / 2), randn(tokens, size / 2));

        var found = HostKernels.Turn(x, cosines, sines);

        var halves = x.transpose(1, 2).chunk(2, -1);
        Close(cat([(halves[0] * cosines) - (halves[1] * sines), (halves[1] * cosines) + (halves[0] * sines)], -1), found, 1e-6);
    }

    [Fact]
    public void The_largest_magnitude_of_each_row_is_found_and_NaN_comes_before_all()
    {
        using var scope = NewDisposeScope();
        var x = randn(5, 3, 32);
        x[0, 1, 7] = -40;
        x[1, 2, 31] = 50;
        x[2, 0, 0] = float.NegativeInfinity;
        x[3, 0, 16] = float.NaN;
        x[3, 0, 17] = float.PositiveInfinity;

        var found = HostKernels.LargestOfRows(x);

        Assert.Equal([40, 50, float.PositiveInfinity, float.NaN, x[4].abs().max().item<float>()], found);
    }

    [Fact]
    public void Gradients_other_types_and_sizes_that_are_no_whole_vectors_are_left_to_the_tensor_library()
    {
        using var scope = NewDisposeScope();
        var x = randn(4, 32);
        Assert.False(HostKernels.Takes(x, 32));

        using var noGrad = no_grad();
        Assert.True(HostKernels.Takes(x, 32));
        Assert.False(HostKernels.Takes(x, 8));
        Assert.False(HostKernels.Takes(x.t(), 32));
        Assert.False(HostKernels.Takes(x.to(ScalarType.BFloat16), 32));
    }

    private static void Close(Tensor expected, Tensor found, double tolerance)
    {
        Assert.Equal(expected.shape, found.shape);
        var most = (found - expected).abs().max().item<float>();
        Assert.True(most <= tolerance * (1 + expected.abs().max().item<float>()), $"{most} off");
    }
}
