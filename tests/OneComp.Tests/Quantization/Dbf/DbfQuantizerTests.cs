using OneComp.Quantization;
using OneComp.Quantization.Dbf;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>The settings of DBF, and the layout they give a layer.</summary>
public class DbfQuantizerTests
{
    [Fact]
    public void The_defaults_are_the_references_except_for_what_is_weighted_and_valid()
    {
        var quantizer = new DbfQuantizer();
        quantizer.Validate();
        Assert.Equal((1.5, 600, 0.03), (quantizer.TargetBits, quantizer.Iters, quantizer.Reg));
        Assert.Equal((40, 1.0, BalanceMode.L1), (quantizer.BalanceIters, quantizer.BalanceAlpha, quantizer.BalanceMode));
        Assert.Equal((false, true, 20, 0.2, 3), (quantizer.UseBalancing, quantizer.UseCurvature, quantizer.HessianIters, quantizer.HessianShrinkage, quantizer.RefineIters));
        Assert.True(quantizer.UseAdaptiveRho);
        Assert.Equal("DBF_1.5bit", quantizer.Name);
    }

    [Fact]
    public void Balancing_without_refining_alone_asks_for_no_calibration()
    {
        Assert.False(new DbfQuantizer { UseBalancing = true, RefineIters = 0 }.NeedsHessian);
        Assert.True(new DbfQuantizer { UseBalancing = true }.NeedsHessian);
        Assert.True(new DbfQuantizer { RefineIters = 0 }.NeedsHessian);
    }

    [Fact]
    public void Output_curvature_is_asked_for_only_where_it_counts()
    {
        Assert.True(new DbfQuantizer().NeedsCurvature);
        Assert.False(new DbfQuantizer { UseCurvature = false }.NeedsCurvature);
        Assert.False(new DbfQuantizer { UseBalancing = true }.NeedsCurvature);
    }

    [Fact]
    public void Every_setting_out_of_range_is_named()
    {
        var faulty = new DbfQuantizer
        {
            TargetBits = 0,
            Iters = 0,
            Reg = -0.1,
            HessianIters = -1,
            HessianShrinkage = 2,
            RefineIters = -1,
            BalanceIters = 0,
            BalanceAlpha = 0,
            BalanceMode = (BalanceMode)7,
            MlpTargetBits = 17,
            ModuleTargetBits = [KeyValuePair.Create("down_proj", double.NaN)],
        };
        var exception = Assert.Throws<QuantizerOptionsException>(faulty.Validate);
        Assert.Equal(
            ["TargetBits", "Iters", "Reg", "HessianIters", "HessianShrinkage", "RefineIters", "BalanceIters", "BalanceAlpha", "BalanceMode", "MlpTargetBits", "ModuleTargetBits[down_proj]"],
            exception.Parameters);
    }

    [Theory]
    [InlineData("self_attn.q_proj", 1.5)]
    [InlineData("mlp.up_proj", 1.2)]
    [InlineData("mlp.down_proj", 1.8)]
    public void The_most_particular_rule_gives_a_layers_bits(string module, double expected)
    {
        var quantizer = new DbfQuantizer { MlpTargetBits = 1.2, ModuleTargetBits = [KeyValuePair.Create("model.layers.0.mlp.down_proj", 1.8)] };
        Assert.Equal(expected, quantizer.SchemeFor(DbfLayers.Layer(8, 8, module)).Bits);
    }

    [Theory]
    [InlineData(256, 256, 1.5, 192)]
    [InlineData(256, 256, 4, 256)]
    [InlineData(688, 256, 1.5, 256)]
    [InlineData(688, 256, 1, 186)]
    [InlineData(1, 100, 1.5, 1)]
    [InlineData(100, 1, 0.1, 1)]
    public void The_inner_width_spends_the_target_bits_on_signs(int rows, int columns, double bits, int expected) =>
        Assert.Equal(expected, new DbfScheme(bits).InnerFeatures(DbfLayers.Layer(rows, columns)));

    [Fact]
    public void Effective_bits_count_signs_and_scales()
    {
        var bits = new DbfScheme(1.5).EffectiveBits(DbfLayers.Layer(256, 256));
        Assert.Equal(((192.0 * 512) + (16 * (256 + 192 + 256))) / (256 * 256), bits);
    }
}
