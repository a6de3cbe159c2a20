using OneComp.Formats;
using OneComp.Models;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

public class BlocksAheadTests
{
    [Fact]
    public void Blocks_come_in_order_with_their_own_weights()
    {
        using var model = ModelFolder.OpenSource(Repository.TinyLlama);
        using var blocks = new BlocksAhead(index => model.LoadBlock(index, CPU, ScalarType.Float32), Enumerable.Range(0, model.Config.NumLayers));
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var taken = blocks.Take();
            using var expected = model.LoadBlock(index, CPU, ScalarType.Float32);
            Assert.Equal(index, taken.Index);
            Assert.All(expected.Layers, layer => Assert.True(taken.Weight(layer).allclose(expected.Weight(layer), rtol: 0, atol: 0)));
        }
    }

    [Fact]
    public void A_block_that_cannot_be_loaded_fails_when_it_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Repository.TinyLlama))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        File.WriteAllText(folder.File("config.json"), File.ReadAllText(folder.File("config.json")).Replace("\"num_hidden_layers\": ", "\"num_hidden_layers\": 1", StringComparison.Ordinal));
        using var model = ModelFolder.OpenSource(folder.Path);
        using var blocks = new BlocksAhead(index => model.LoadBlock(index, CPU, ScalarType.Float32), Enumerable.Range(0, model.Config.NumLayers));
        var loaded = 0;

        var error = Assert.Throws<ModelException>(() =>
        {
            for (; loaded < model.Config.NumLayers; loaded++)
            {
                blocks.Take().Dispose();
            }
        });

        Assert.Equal(ModelError.TensorMissing, error.Error);
        Assert.Contains($"layers.{loaded}.", error.Message, StringComparison.Ordinal);
    }
}
