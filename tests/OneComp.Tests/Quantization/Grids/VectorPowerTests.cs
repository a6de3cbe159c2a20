using System.Runtime.Intrinsics;
using OneComp.Quantization.Grids;

namespace OneComp.Tests.Quantization.Grids;

public sealed class VectorPowerTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.4)]
    [InlineData(4)]
    public void It_equals_Math_Pow_to_a_few_millionths(double power)
    {
        for (var x = 1e-7f; x < 100; x *= 1.0137f)
        {
            var expected = Math.Pow(x, (float)power);
            var found = VectorPower.Of(Vector512.Create(x), Vector512.Create((float)power))[0];
            Assert.True(Math.Abs((found / expected) - 1) < 1e-5, $"{x} to the {power}: {found}, not {expected}");
        }
    }

    [Fact]
    public void Zero_gives_next_to_nothing() =>
        Assert.InRange(VectorPower.Of(Vector512<float>.Zero, Vector512.Create(2.4f))[0], 0, 1.2e-38f);

    [Fact]
    public void Lanes_do_not_mix()
    {
        var x = new float[Vector512<float>.Count];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = 0.01f * (i + 1);
        }

        var found = VectorPower.Of(Vector512.Create<float>(x), Vector512.Create(3f));
        Assert.All(x, (value, i) => Assert.Equal(value * value * value, found[i], 1e-5f * value));
    }
}
