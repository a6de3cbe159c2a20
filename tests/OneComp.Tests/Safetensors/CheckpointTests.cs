using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_example_model_is_read_whole()
    {
        using var checkpoint = Checkpoint.Open(Repository.TinyLlama);

        TensorEntry embedding = checkpoint.Require("model.embed_tokens.weight");
        Assert.Equal(DType.BF16, embedding.DType);
        Assert.Equal([4096, 256], embedding.Shape);
        Assert.Equal([Path.Combine(Repository.TinyLlama, "model.safetensors")], checkpoint.Files);
        foreach (TensorEntry entry in checkpoint.Tensors.Values)
        {
            float[] values = checkpoint.ReadSingle(entry);
            Assert.Equal(entry.ElementCount, values.Length);
            Assert.True(values.All(float.IsFinite), entry.Name);
            Assert.Contains(values, value => value != 0);
        }
    }

    [Fact]
    public void Shards_are_read_as_one_model()
    {
        string folder = Repository.Data("architectures", "qwen3-tied-bf16-sharded");
        using var checkpoint = Checkpoint.Open(folder);

        Assert.Equal(
            ["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"],
            checkpoint.Files.Select(Path.GetFileName));
        Assert.Equal(3, checkpoint.Tensors.Values.Select(entry => entry.File).Distinct().Count());
        foreach (TensorEntry entry in checkpoint.Tensors.Values)
        {
            // Straight out of the file, without this reader.
            byte[] expected = File.ReadAllBytes(entry.File).AsSpan((int)entry.Offset, (int)entry.ByteCount).ToArray();
            Assert.Equal(expected, checkpoint.ReadBytes(entry));
        }

        Assert.Equal(512 * 64, checkpoint.ReadSingle(checkpoint.Require("model.embed_tokens.weight")).Length);
        Assert.Equal([32], checkpoint.Require("model.layers.1.self_attn.q_norm.weight").Shape);
    }

    [Fact]
    public void Stored_reference_values_are_read()
    {
        using var file = SafetensorsFile.Open(Repository.Data("tiny-llama-ref.safetensors"));

        int[] ids = file.ReadInt32(file.Require("calibration_ids"));

        Assert.Equal(32 * 256, ids.Length);
        Assert.All(ids, id => Assert.InRange(id, 0, 4095));
        Assert.Equal([64, 4096], file.Require("logits_first64").Shape);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-such-folder")]
    public void A_folder_without_a_model_says_what_was_looked_for(string name)
    {
        string folder = _folder.File(name);

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(folder));

        Assert.Equal(("SafetensorsCheckpointNotFound", ErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Equal(Path.TrimEndingDirectorySeparator(folder), error.Subject);
        Assert.Contains("model.safetensors.index.json or", error.Message.Replace(" nor", " or", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_goes_before_the_single_file()
    {
        Put("model.safetensors", RawFile.WithTensors("single"));
        Put("part.safetensors", RawFile.WithTensors("a", "unlisted"));
        File.WriteAllText(_folder.File("model.safetensors.index.json"), """{"weight_map":{"a":"part.safetensors"}}""");

        using var checkpoint = Checkpoint.Open(_folder.Path);

        Assert.Equal(["a"], checkpoint.Tensors.Keys);
        Assert.True(checkpoint.Contains("a"));
        Assert.False(checkpoint.Contains("single"));
    }

    [Fact]
    public void A_missing_tensor_is_named_with_the_folder()
    {
        Put("model.safetensors", RawFile.WithTensors("a"));
        using var checkpoint = Checkpoint.Open(_folder.Path + Path.DirectorySeparatorChar);

        var error = Assert.Throws<SafetensorsException>(() => checkpoint.Require("b"));

        Assert.Equal("SafetensorsTensorNotFound", error.ErrorId);
        Assert.Equal(_folder.Path, error.Subject);
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_model_is_refused()
    {
        Put("model.safetensors", RawFile.WithTensors("a"));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        using var other = Checkpoint.Open(Repository.TinyLlama);

        Assert.Throws<ArgumentException>(() => checkpoint.ReadBytes(other.Tensors.Values.First()));
    }

    private void Put(string name, byte[] content) => File.WriteAllBytes(_folder.File(name), content);
}
