using System.Runtime.InteropServices;
using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

public class RecordedGradientTests
{
    public RecordedGradientTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void The_gradient_at_the_leaves_is_that_of_the_result_through_the_operation(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (leaf, gradient) = (randn([4, 3], generator: new Generator(1)).to(type).requires_grad_(), randn([4, 3], generator: new Generator(2)).to(type));

        var found = RecordedGradient.Of(leaf * 3, [leaf], gradient)[0];

        Assert.True(found.eq(gradient * 3).all().item<bool>());
    }

    [Fact]
    public void The_gradient_of_a_single_number_needs_none_at_the_result()
    {
        using var scope = NewDisposeScope();
        var leaf = randn([5], generator: new Generator(3)).requires_grad_();

        Assert.True(RecordedGradient.Of(leaf.square().sum(), [leaf], null)[0].eq(leaf * 2).all().item<bool>());
    }

    [Fact]
    public void An_error_on_the_way_back_is_an_exception_and_not_the_end_of_the_process()
    {
        using var scope = NewDisposeScope();
        var leaf = ones(3).requires_grad_();
        var result = leaf.exp().sum();
        RecordedGradient.Of(result, [leaf], null);

        Assert.Throws<ExternalException>(() => RecordedGradient.Of(result, [leaf], null)); // what was recorded is gone by then
    }
}
