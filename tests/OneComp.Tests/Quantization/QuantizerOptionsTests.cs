using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;

namespace OneComp.Tests.Quantization;

/// <summary>Every setting out of range is reported, all of them at once, and the defaults are not.</summary>
public class QuantizerOptionsTests
{
    private static readonly GptqQuantizer Gptq = new();
    private static readonly RtnQuantizer Rtn = new();
    private static readonly AutoBitQuantizer AutoBit = new() { TargetBit = 3 };

    private static readonly (Quantizer Quantizer, string Parameter)[] Faults =
    [
        (Gptq with { WBits = 1 }, "WBits"), (Gptq with { WBits = 9 }, "WBits"),
        (Gptq with { GroupSize = 0 }, "GroupSize"), (Gptq with { GroupSize = 7 }, "GroupSize"), (Gptq with { GroupSize = -2 }, "GroupSize"),
        (Gptq with { BlockSize = 0 }, "BlockSize"), (Gptq with { BlockSize = 129 }, "BlockSize"),
        (Gptq with { PercDamp = -0.1 }, "PercDamp"), (Gptq with { PercDamp = double.NaN }, "PercDamp"), (Gptq with { PercDamp = 11 }, "PercDamp"),
        (Gptq with { QGrid = 0 }, "QGrid"), (Gptq with { QNorm = 0 }, "QNorm"), (Gptq with { QNorm = double.NaN }, "QNorm"),
        (Gptq with { MlpWBits = 1 }, "MlpWBits"), (Gptq with { MlpGroupSize = 3 }, "MlpGroupSize"),
        (Gptq with { ModuleWBits = [new("q_proj", 4), new("k_proj", 12)] }, "ModuleWBits[k_proj]"),
        (Gptq with { Selection = new() { NumLayers = 0 } }, "NumLayers"),
        (Gptq with { Selection = new() { TargetLayerTypes = ["Conv1d"] } }, "TargetLayerTypes"),
        (Gptq with { Selection = new() { IncludeLayerNames = [""] } }, "IncludeLayerNames"),
        (Gptq with { Selection = new() { IncludeLayerKeywords = [""] } }, "IncludeLayerKeywords"),
        (Gptq with { Selection = new() { ExcludeLayerNames = [""] } }, "ExcludeLayerNames"),
        (Gptq with { Selection = new() { ExcludeLayerKeywords = [""] } }, "ExcludeLayerKeywords"),
        (Rtn with { WBits = 1 }, "WBits"), (Rtn with { GroupSize = 5 }, "GroupSize"), (Rtn with { QGrid = 0 }, "QGrid"), (Rtn with { QNorm = 11 }, "QNorm"),
        (AutoBit with { TargetBit = null }, "TargetBit"), (AutoBit with { TargetBit = 0 }, "TargetBit"), (AutoBit with { TargetBit = double.NaN }, "TargetBit"),
        (AutoBit with { TargetBit = 17 }, "TargetBit"), (AutoBit with { Quantizers = [] }, "Quantizers"),
        (AutoBit with { NumCalibSamples = 0 }, "NumCalibSamples"), (AutoBit with { CalibSeqLen = 1 }, "CalibSeqLen"),
        (AutoBit with { Quantizers = [Gptq, Gptq with { WBits = 1 }] }, "Quantizers[1]"),
        (AutoBit with { Quantizers = [Gptq with { WBits = 5 }] }, "Quantizers[0]"),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Faults.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_setting_out_of_range_is_named(int row)
    {
        var (quantizer, parameter) = Faults[row];
        var error = Assert.Throws<QuantizerOptionsException>(quantizer.Validate);
        Assert.Equal([parameter], error.Parameters);
        Assert.Contains(parameter, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var quantizer = Gptq with { WBits = 1, GroupSize = 0, PercDamp = -1, Selection = new() { NumLayers = 0 } };
        var error = Assert.Throws<QuantizerOptionsException>(quantizer.Validate);
        Assert.Equal(["NumLayers", "WBits", "GroupSize", "PercDamp"], error.Parameters);
    }

    [Fact]
    public void Settings_in_range_pass()
    {
        Gptq.Validate();
        Rtn.Validate();
        AutoBit.Validate();
        (Gptq with { WBits = 8, GroupSize = -1, BlockSize = 1, PercDamp = 0 }).Validate();
        (AutoBit with { EnableFusedGroups = false, Quantizers = [Gptq with { WBits = 5 }] }).Validate();
        new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Manual }.Validate();
    }

    [Theory]
    [InlineData(3.0, 128, 4096, 3.0 + (19.0 / 128))]
    [InlineData(4.0, -1, 256, 4.0 + (20.0 / 256))]
    public void Effective_bits_count_a_scale_and_a_zero_point_a_group(double bits, int groupSize, int inFeatures, double expected) =>
        Assert.Equal(expected, EffectiveBits.Of(bits, groupSize, inFeatures), 1e-12);
}
