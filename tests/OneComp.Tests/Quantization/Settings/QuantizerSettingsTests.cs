using System.Text;
using System.Text.Json.Nodes;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Quantization.Settings;

namespace OneComp.Tests.Quantization.Settings;

public sealed class QuantizerSettingsTests
{
    private static readonly LayerSelection Selection = new()
    {
        NumLayers = 5,
        IncludeLayerNames = ["model.layers.0.mlp.up_proj"],
        IncludeLayerKeywords = ["mlp", "'quoted' \"twice\""],
        ExcludeLayerNames = [],
        ExcludeLayerKeywords = ["k_proj"],
    };

    private static readonly Dictionary<string, Quantizer> Kinds = new()
    {
        ["RTN"] = new RtnQuantizer(),
        ["RTN with everything"] = new RtnQuantizer { WBits = 3, GroupSize = -1, Sym = true, Mse = true, QGrid = 70, QNorm = 2.125, CalcQuantError = true, HessianType = HessianType.Float64, Selection = Selection, Name = "mine" },
        ["GPTQ"] = GptqPresets.Of(QuantizationPreset.Default),
        ["GPTQ with everything"] = new GptqQuantizer { WBits = 2, GroupSize = 64, BlockSize = 32, PercDamp = 0.1, ActOrder = true, StaticGroups = true, Mse = true, WeightedMse = true, RefineIters = 7, Sym = false, MlpWBits = 4, MlpGroupSize = 32, ModuleWBits = [new("down_proj", 8), new("o_proj", 3)], Selection = Selection },
        ["DBF"] = new DbfQuantizer { TargetBits = 1.1 / 3, Iters = 3, Reg = 0.01, UseBalancing = true, UseCurvature = false, HessianIters = 1, HessianShrinkage = 0.3, RefineIters = 0, BalanceIters = 2, BalanceAlpha = 2, BalanceMode = BalanceMode.L2, UseAdaptiveRho = false, MlpTargetBits = 1.7, ModuleTargetBits = [new("down_proj", 1.8)], Seed = -7 },
        ["AutoBit"] = new AutoBitQuantizer { TargetBit = 3.25, Model = "org/name" },
        ["AutoBit with everything"] = new AutoBitQuantizer
        {
            Quantizers = [new GptqQuantizer { WBits = 3, Name = "three" }, new RtnQuantizer { WBits = 8 }],
            AssignmentStrategy = AssignmentStrategy.Ilp,
            CostMetric = CostMetric.Rtn,
            Ratios = [0.25, 0.75],
            NumCalibSamples = 4,
            CalibSeqLen = 32,
            UseCurvatureB = false,
            EnableFusedGroups = true,
            FusedGroups = [["self_attn.q_proj", "self_attn.k_proj"]],
            AutoDbf = false,
            DbfThreshold = 1.5,
            DbfIters = 9,
            Selection = Selection,
        },
        ["AutoBit by hand"] = new AutoBitQuantizer { AssignmentStrategy = AssignmentStrategy.Manual, Quantizers = [new DbfQuantizer { TargetBits = 1.5 }] },
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_quantizer_comes_back_equal_from_its_JSON(string kind)
    {
        var text = QuantizerFile.ToText(QuantizerSettings.ToJson(Kinds[kind]));

        var back = QuantizerSettings.Parse(Encoding.UTF8.GetBytes(text), "text");

        Assert.Equal(Kinds[kind], back);
        Assert.Equal(Kinds[kind].GetHashCode(), back.GetHashCode());
        Assert.Equal(Kinds[kind].Name, back.Name);
        Assert.Equal(text, QuantizerFile.ToText(QuantizerSettings.ToJson(back)));
    }

    [Fact]
    public void Every_setting_of_a_kind_is_in_its_JSON()
    {
        var json = QuantizerSettings.ToJson(Kinds["GPTQ with everything"] with { Name = "x" });
        var settings = typeof(GptqQuantizer).GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name);
        Assert.Equal(settings.Append("Method").Order(), json.Select(setting => setting.Key).Order());
    }

    [Fact]
    public void Quantizers_with_the_same_settings_are_equal_and_others_are_not()
    {
        var gptq = (GptqQuantizer)Kinds["GPTQ with everything"];
        Assert.Equal(gptq, gptq with { ModuleWBits = [new("down_proj", 8), new("o_proj", 3)], Selection = Selection with { ExcludeLayerKeywords = ["k_proj"] } });
        Assert.NotEqual(gptq, gptq with { ModuleWBits = [new("o_proj", 3), new("down_proj", 8)] });
        Assert.NotEqual(Kinds["RTN"], ((RtnQuantizer)Kinds["RTN"]) with { Selection = Selection });
        Assert.NotEqual<Quantizer>(new AutoBitQuantizer { TargetBit = 3 }, new AutoBitQuantizer { TargetBit = 3, FusedGroups = [["a", "b"]] });
    }

    [Fact]
    public void A_list_that_a_quantizer_was_made_from_does_not_change_it()
    {
        string[] names = ["mlp"];
        var selection = new LayerSelection { IncludeLayerKeywords = names };
        names[0] = "self_attn";
        Assert.Equal(["mlp"], selection.IncludeLayerKeywords);
        Assert.Throws<NotSupportedException>(() => ((IList<string>)selection.IncludeLayerKeywords)[0] = "self_attn");
    }

    [Fact]
    public void A_copy_has_the_changes_and_the_original_stays()
    {
        var original = (GptqQuantizer)Kinds["GPTQ"];

        var copy = (GptqQuantizer)QuantizerSettings.With(original, new JsonObject { ["groupsize"] = 64, ["ExcludeLayerKeywords"] = new JsonArray("k_proj"), ["PercDamp"] = null });

        Assert.Equal(original with { GroupSize = 64, PercDamp = 0.01, Selection = original.Selection with { ExcludeLayerKeywords = ["k_proj"] } }, copy);
        Assert.Equal("GPTQ_4bit_gs64", copy.Name);
        Assert.Equal(128, original.GroupSize);
    }

    [Fact]
    public void A_copy_keeps_where_the_heatmap_goes_and_a_file_cannot_bring_it()
    {
        var quantizer = new AutoBitQuantizer { TargetBit = 3, SavePath = "plan.png" };
        Assert.Equal("plan.png", ((AutoBitQuantizer)QuantizerSettings.With(quantizer, new JsonObject { ["TargetBit"] = 4 })).SavePath);
        Assert.DoesNotContain("SavePath", QuantizerSettings.ToJson(quantizer).ToJsonString(), StringComparison.Ordinal);
        AssertFault(QuantizerSettingsError.SettingUnknown, """{ "Method": "AutoBit", "TargetBit": 3, "SavePath": "C:\\Windows\\x.png" }""", "SavePath");
    }

    [Theory]
    [InlineData("""{ "Method": "GPTQ", "WBit": 4 }""", QuantizerSettingsError.SettingUnknown, "WBits")]
    [InlineData("""{ "Method": "GPTQ", "WBits": "4" }""", QuantizerSettingsError.ValueInvalid, "WBits")]
    [InlineData("""{ "Method": "GPTQ", "WBits": 4.5 }""", QuantizerSettingsError.ValueInvalid, "WBits")]
    [InlineData("""{ "Method": "GPTQ", "Selection": null }""", QuantizerSettingsError.ValueInvalid, "Selection")]
    [InlineData("""{ "Method": "GPTQ", "Selection": { "Nothing": [] } }""", QuantizerSettingsError.ValueInvalid, "Nothing")]
    [InlineData("""{ "Method": "GPTQ", "HessianType": "Float16" }""", QuantizerSettingsError.ValueInvalid, "HessianType")]
    [InlineData("""{ "Method": "GPTQ", "ModuleWBits": [4] }""", QuantizerSettingsError.ValueInvalid, "ModuleWBits")]
    [InlineData("""{ "Method": "AWQ" }""", QuantizerSettingsError.MethodUnknown, "GPTQ, RTN, DBF, AutoBit")]
    [InlineData("""{ "WBits": 4 }""", QuantizerSettingsError.MethodUnknown, "No Method")]
    [InlineData("""{ "Method": "AutoBit", "TargetBit": 3, "Quantizers": [ { "Method": "AutoBit" } ] }""", QuantizerSettingsError.MethodUnknown, "GPTQ, RTN, DBF is expected")]
    [InlineData("""{ "Method": "RTN", "WBits": 3, "WBits": 4 }""", QuantizerSettingsError.NotData, "text")]
    [InlineData("[]", QuantizerSettingsError.ValueInvalid, "object")]
    [InlineData("null", QuantizerSettingsError.NotData, "Method")]
    [InlineData("WBits = 4", QuantizerSettingsError.NotData, "JSON")]
    public void What_is_no_quantizer_is_refused_by_name(string json, QuantizerSettingsError error, string message) => AssertFault(error, json, message);

    [Fact]
    public void Settings_out_of_range_are_refused_as_if_they_were_typed()
    {
        var fault = Assert.Throws<QuantizerOptionsException>(() => QuantizerSettings.Parse("""{ "Method": "GPTQ", "WBits": 9, "GroupSize": 3 }"""u8, "text"));
        Assert.Equal(["GroupSize", "WBits"], fault.Parameters.Order());
    }

    [Fact]
    public void A_file_too_large_to_be_settings_is_not_read()
    {
        using var folder = new OneComp.Tests.Support.TemporaryFolder();
        var file = folder.File("large.json");
        using (var stream = File.Create(file))
        {
            stream.SetLength((1 << 20) + 1);
        }

        Assert.Equal(QuantizerSettingsError.FileTooLarge, Assert.Throws<QuantizerSettingsException>(() => QuantizerFile.Read(file)).Error);
    }

    private static void AssertFault(QuantizerSettingsError error, string json, string message)
    {
        var fault = Assert.Throws<QuantizerSettingsException>(() => QuantizerSettings.Parse(Encoding.UTF8.GetBytes(json), "text"));
        Assert.Equal(error, fault.Error);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }
}
