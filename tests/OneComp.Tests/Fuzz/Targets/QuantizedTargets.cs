using OneComp.Export.Gguf;
using OneComp.Formats;
using OneComp.Runtime;
using OneComp.Tests.Fuzz.Mutation;
using OneComp.Verification;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>Quantized folders of every form with all layers decoded, and GGUF files.</summary>
internal static class QuantizedTargets
{
    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return new FuzzTarget("gguf", [GgufSeed.Make()], ByteMutations.Any, input =>
        {
            var path = scratch.Write("model.gguf", input);
            GgufHead.Read(path);
            _ = GgufChecks.Faults(path).Count();
        });

        TorchRuntime.EnsureLoaded();
        var folder = Directory.CreateDirectory(scratch.Path("quantized")).FullName;
        yield return new FuzzTarget("quantized", [.. QuantizedFolders.All(scratch)], Mutate, input =>
        {
            var (config, weights) = QuantizedFolders.Split(input);
            scratch.Write("quantized/config.json", config);
            scratch.Write("quantized/model.safetensors", weights);
            ModelCheck.Run(folder);
            ModelImport.Read(folder);
            using var model = QuantizedModel.Open(folder);
            foreach (var layer in model.Layers)
            {
                using var weight = model.Read(layer);
                weight.Dequantize().Dispose();
            }
        });
    }

    private static byte[] Mutate(Random random, byte[] input)
    {
        var (config, weights) = QuantizedFolders.Split(input);
        return random.Next(2) == 0
            ? QuantizedFolders.Join(JsonMutations.Any(random, config), weights)
            : QuantizedFolders.Join(config, SafetensorsMutations.Any(random, weights));
    }
}
