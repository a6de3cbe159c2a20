using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Models;
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
        var gate = new Lock();
        Parallel.ForEach(original.Topology.Layers.Where(layer => layer.Block >= 0), layer =>
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var weight = original.ReadWeight(layer).to(ScalarType.Float32);
            double Error(CausalModel model) => model.ReadWeight(layer).to(ScalarType.Float32).sub_(weight).pow_(2).sum(ScalarType.Float64).item<double>();
            var (ours, theirs) = (Error(one), Error(two));
            var (words, others) = (Words(one.Checkpoint, layer.Name), Words(two.Checkpoint, layer.Name));
            long equal = 0;
            for (var i = 0; i < words.Length; i++)
            {
                var differs = (uint)(words[i] ^ others[i]);
                for (var shift = 0; shift < 32; shift += 4)
                {
                    equal += (differs >> shift & Nibble) == 0 ? 1 : 0;
                }
            }

            lock (gate)
            {
                (errorOfOne, errorOfTwo) = (errorOfOne + ours, errorOfTwo + theirs);
                (same, all) = (same + equal, all + (8L * words.Length));
            }
        });

        return ((double)same / all, (errorOfTwo / errorOfOne) - 1);
    }

    private static int[] Words(Checkpoint checkpoint, string layer) => checkpoint.ReadInt32(checkpoint.Tensors[GptqNames.Codes(layer)]);
}
