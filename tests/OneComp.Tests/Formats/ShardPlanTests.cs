using OneComp.Formats;
using OneComp.Safetensors;

namespace OneComp.Tests.Formats;

public class ShardPlanTests
{
    [Fact]
    public void What_fits_one_file_is_model_safetensors() =>
        Assert.Equal("model.safetensors", Assert.Single(ShardPlan.Of([Bytes("a", 60), Bytes("b", 40)], 100)).File);

    [Fact]
    public void A_file_is_closed_before_the_tensor_that_would_overfill_it()
    {
        var shards = ShardPlan.Of([Bytes("a", 60), Bytes("b", 41), Bytes("c", 59), Bytes("d", 1)], 100);

        Assert.Equal(
            ["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"],
            shards.Select(shard => shard.File));
        Assert.Equal([["a"], ["b", "c"], ["d"]], shards.Select(shard => shard.Tensors.Select(tensor => tensor.Name)));
    }

    [Fact]
    public void A_tensor_larger_than_the_limit_gets_a_file_of_its_own()
    {
        var shards = ShardPlan.Of([Bytes("a", 10), Bytes("huge", 500), Bytes("b", 10)], 100);
        Assert.Equal([["a"], ["huge"], ["b"]], shards.Select(shard => shard.Tensors.Select(tensor => tensor.Name)));
    }

    private static TensorSpec Bytes(string name, long count) => new(name, DType.U8, [count]);
}
