using System.Text;
using OneComp.Quantization.Settings;
using OneComp.Quantizers;
using OneComp.Tests.Fuzz.Mutation;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>Quantizers as .json and .psd1.</summary>
internal static class QuantizerTargets
{
    private const string Json = """
        {"Method":"AutoBit","TargetBit":3.5,"AssignmentStrategy":"Ilp","Quantizers":[{"Method":"GPTQ","WBits":4,"GroupSize":128,"ActOrder":false,"PercDamp":0.01,"Selection":{"ExcludeLayerKeywords":["lm_head"]}},{"Method":"RTN","WBits":2}]}
        """;

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return new FuzzTarget("quantizer-json", [Encoding.UTF8.GetBytes(Json)], JsonMutations.Any, input =>
        {
            var path = scratch.Write("quantizer.json", input);
            QuantizerSettings.Parse(QuantizerFile.Read(path), path);
        });

        var table = DataFile.Write(QuantizerSettings.ToJson(QuantizerSettings.Parse(Encoding.UTF8.GetBytes(Json), "seed")));
        yield return new FuzzTarget("quantizer-psd1", [Encoding.UTF8.GetBytes(table)], TextMutations.Any, input =>
        {
            var path = scratch.Write("quantizer.psd1", input);
            QuantizerSettings.FromJson(DataFile.Read(Encoding.UTF8.GetString(QuantizerFile.Read(path)), path), path);
        });
    }
}
