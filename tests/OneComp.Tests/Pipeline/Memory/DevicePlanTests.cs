using System.Text.Json;
using OneComp.Models;
using OneComp.Pipeline.Memory;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Runtime;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>What a run makes of the memory of a GPU, for shapes that no test has weights of.</summary>
public class DevicePlanTests
{
    private const int Tokens = 128 * 2048;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_block_of_70B_is_quantized_within_24_GB(bool propagates)
    {
        var plan = DevicePlan.For(Memory(Shape70B, propagates).WithLeaves(24_000_000_000, 2048), Tokens, 2048, 8192, 24_000_000_000);
        Assert.True(plan.Fits, $"{plan.Bytes / 1e9} GB");
        Assert.False(plan.KeepsStates);
        Assert.Equal(1, plan.Leaves);
        Assert.InRange(plan.BatchTokens, 2048, 8192);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_block_of_8B_has_room_for_all_on_a_large_gpu(bool propagates)
    {
        var plan = DevicePlan.For(Memory(Shape8B, propagates).WithLeaves(80_000_000_000, 2048), Tokens, 2048, 8192, 80_000_000_000);
        Assert.Equal((8192, true, true, true, 8), (plan.BatchTokens, plan.ReadsAhead, plan.KeepsStates, plan.Fits, plan.Leaves));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sums_have_the_same_leaves_on_any_number_of_devices_and_more_of_them_on_larger_ones(bool propagates)
    {
        var last = 1;
        var seen = new HashSet<int>();
        for (var gigabytes = 1; gigabytes <= 160; gigabytes++)
        {
            var (alone, shared) = (Memory(Shape70B, propagates), Memory(Shape70B, propagates, isShared: true));
            var leaves = alone.WithLeaves(gigabytes * 1_000_000_000L, 2048).Leaves;
            Assert.Equal(leaves, shared.WithLeaves(gigabytes * 1_000_000_000L, 2048).Leaves);
            Assert.True(leaves >= last, $"{gigabytes} GB");
            seen.Add(last = leaves);
        }

        Assert.Equal([1, 2, 4, 8], seen.Order());
    }

    [Theory]
    [InlineData(24, 1, 1)]
    [InlineData(48, 8, 2)]
    [InlineData(80, 8, 8)]
    public void Leaves_of_70B_are_those_that_docs_adr_0034_names(int gigabytes, int leaves, int propagated)
    {
        var total = gigabytes * 1_000_000_000L;
        Assert.Equal((leaves, propagated), (Memory(Shape70B, propagates: false).WithLeaves(total, 2048).Leaves, Memory(Shape70B, propagates: true).WithLeaves(total, 2048).Leaves));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leaves_never_cost_a_run_that_would_fit_without(bool propagates)
    {
        foreach (var shape in new[] { Shape8B, Shape70B })
        {
            var memory = Memory(shape, propagates);
            for (var total = 1_000_000_000L; total <= 100_000_000_000; total += 500_000_000)
            {
                foreach (var available in new[] { total, total / 4 * 3 })
                {
                    var (without, with) = (DevicePlan.For(memory, Tokens, 2048, 8192, available), DevicePlan.For(memory.WithLeaves(total, 2048), Tokens, 2048, 8192, available));
                    Assert.Equal(without.Fits, with.Fits);
                }
            }
        }
    }

    [Fact]
    public void Sums_that_wait_for_their_subtrees_count_while_windows_go_through_a_block()
    {
        var memory = Memory(Shape8B, propagates: false);
        var tree = memory.WithLeaves(80_000_000_000, 2048);
        Assert.Equal(8, tree.Leaves);
        Assert.Equal(4 * memory.Sums, tree.SumsHeld);
        Assert.Equal(memory.Quantizing, tree.Quantizing);
        var batch = memory.Quantizing / memory.BytesPerToken; // so large that it is the peak
        Assert.Equal(3 * memory.Sums, tree.Peak(true, batch, 0) - memory.Peak(true, batch, 0));
    }

    [Fact]
    public void Less_memory_costs_states_first_then_batches_then_reading_ahead_and_is_then_refused()
    {
        var memory = Memory(Shape8B, propagates: true);
        var plans = Enumerable.Range(1, 160).Select(half => DevicePlan.For(memory.WithLeaves(half * 500_000_000L, 2048), Tokens, 2048, 8192, half * 500_000_000L)).ToList();
        Assert.False(plans[0].Fits);
        Assert.True(plans[^1].Fits);
        foreach (var (less, more) in plans.Zip(plans.Skip(1)).Where(pair => pair.First.Fits))
        {
            Assert.True(more.Fits);
            Assert.True(Rank(less) <= Rank(more), $"{less} before {more}");
        }

        static int Rank(DevicePlan plan) => (plan.ReadsAhead ? 100_000 : 0) + plan.BatchTokens + (plan.KeepsStates ? 1 : 0);
    }

    [Fact]
    public void A_plan_that_fits_takes_no_more_than_there_is()
    {
        foreach (var gigabytes in Enumerable.Range(1, 80))
        {
            var plan = DevicePlan.For(Memory(Shape70B, propagates: false).WithLeaves(gigabytes * 1_000_000_000L, 2048), Tokens, 2048, 8192, gigabytes * 1_000_000_000L);
            Assert.Equal(plan.Fits, plan.Bytes <= gigabytes * 1_000_000_000L);
        }
    }

    [Fact]
    public void A_limit_that_is_too_small_is_refused_with_what_would_fit()
    {
        var memory = Memory(Shape8B, propagates: false);
        var plan = DevicePlan.For(memory, Tokens, 131072, 8192, 12_000_000_000);
        var error = Assert.Throws<DeviceException>(() => plan.Require("cuda:1", memory, 131072, 12_000_000_000));
        Assert.Equal(DeviceError.OutOfMemory, error.Error);
        Assert.Contains("-MaxGpuMemoryGB 12.0 on cuda:1", error.Message, StringComparison.Ordinal);
        Assert.Matches(@"need about \d+\.\d GB", error.Message);
        Assert.Matches(@"Windows of up to \d+ tokens would fit", error.Message);
    }

    private static Dictionary<string, object> Shape8B => Shape(4096, 14336, 32);

    private static Dictionary<string, object> Shape70B => Shape(8192, 28672, 64);

    private static DeviceMemory Memory(Dictionary<string, object> shape, bool propagates, bool isShared = false)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), JsonSerializer.Serialize(shape));
        var config = ModelConfig.Load(folder.Path);
        var topology = ModelTopology.Of(config);
        var quantizer = new GptqQuantizer { WBits = 4, GroupSize = 128 };
        return DeviceMemory.Of(config, topology, [.. topology.Layers.Where(layer => layer.Block >= 0).Select(layer => new PlannedLayer(layer, quantizer))], 2, 4, propagates, calibrates: true, isShared);
    }

    private static Dictionary<string, object> Shape(int hidden, int inner, int heads) => new()
    {
        ["architectures"] = (string[])["LlamaForCausalLM"],
        ["model_type"] = "llama",
        ["dtype"] = "bfloat16",
        ["hidden_size"] = hidden,
        ["intermediate_size"] = inner,
        ["num_attention_heads"] = heads,
        ["num_key_value_heads"] = 8,
        ["num_hidden_layers"] = 2,
        ["max_position_embeddings"] = 131072,
        ["vocab_size"] = 32000,
    };
}
