using OneComp.Pipeline;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline;

public class LayerSaverTests
{
    public LayerSaverTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Every_layer_is_saved_in_order_and_freed()
    {
        var weights = Enumerable.Range(1, 20).Select(Weight).ToList();
        var saved = new List<int>();
        using var saver = new LayerSaver(weight => saved.Add(weight.Layer.OutFeatures));

        weights.ForEach(saver.Add);
        saver.Complete();

        Assert.Equal(Enumerable.Range(1, 20), saved);
        Assert.All(weights, weight => Assert.True(weight.Codes.IsInvalid));
    }

    [Fact]
    public void A_failure_to_save_reaches_who_brings_layers_and_frees_what_waits()
    {
        var weights = Enumerable.Range(1, 40).Select(Weight).ToList();
        using (var saver = new LayerSaver(_ => throw new IOException("disk full")))
        {
            Assert.Throws<IOException>(() =>
            {
                weights.ForEach(saver.Add);
                saver.Complete();
            });
            Assert.Throws<IOException>(saver.Complete);
            weights.ForEach(weight => weight.Dispose()); // those never brought; the rest are gone
        }

        Assert.All(weights, weight => Assert.True(weight.Codes.IsInvalid));
    }

    [Fact]
    public void Nothing_stays_allocated_when_the_run_ends_early()
    {
        var weights = Enumerable.Range(1, 5).Select(Weight).ToList();
        using (var saver = new LayerSaver(_ => Thread.Sleep(1)))
        {
            weights.ForEach(saver.Add);
        }

        Assert.All(weights, weight => Assert.True(weight.Codes.IsInvalid));
    }

    private static GroupedWeight Weight(int rows)
    {
        var weight = new GroupedWeight(
            GptqSample.Linear(rows, 4),
            new GroupScheme(4, 4, true),
            zeros(rows, 4, dtype: ScalarType.Byte),
            ones(rows, 1, dtype: ScalarType.Float16),
            ones(rows, 1, dtype: ScalarType.Byte),
            new int[4]);
        weight.Detach();
        return weight;
    }
}
