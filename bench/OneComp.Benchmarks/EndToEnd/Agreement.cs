using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>How far two quantized folders of one source agree.</summary>
internal static class Agreement
{
    private const int Nibble = 0xF;

    /// <summary>The share of 4-bit codes that are equal, and the squared weight error of the second relative to that of the first, less one.</summary>
    public static (double SameCodes, double WeightError) Of(string source, string first, string second)
    {
        using var original = ModelFolder.OpenSource(source);
        using var one = ModelFolder.Open(first);
        using var two = ModelFolder.Open(second);
        long same = 0, all = 0;
        var (errorOfOne, errorOfTwo) = (0.0, 0.0);
        foreach (var layer in original.Topology.Layers.Where(layer => layer.Block >= 0))
        {
            using var scope = NewDisposeScope();
            var weight = original.ReadWeight(layer).to(ScalarType.Float32);
            errorOfOne += one.ReadWeight(layer).to(ScalarType.Float32).sub_(weight).pow_(2).sum(ScalarType.Float64).item<double>();
            errorOfTwo += two.ReadWeight(layer).to(ScalarType.Float32).sub_(weight).pow_(2).sum(ScalarType.Float64).item<double>();
            var (words, others) = (Words(one.Checkpoint, layer.Name), Words(two.Checkpoint, layer.Name));
            for (var i = 0; i < words.Length; i++)
            {
                var differs = (uint)(words[i] ^ others[i]);
                for (var shift = 0; shift < 32; shift += 4)
                {
                    same += (differs >> shift & Nibble) == 0 ? 1 : 0;
                }
            }

            all += 8L * words.Length;
        }

        return ((double)same / all, (errorOfTwo / errorOfOne) - 1);
    }

    private static int[] Words(Checkpoint checkpoint, string layer) => checkpoint.ReadInt32(checkpoint.Tensors[GptqNames.Codes(layer)]);
}
