using OneComp.Estimation;
using OneComp.Models;
using OneComp.Tests.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Estimation;

public sealed class MemoryEstimatorTests : IDisposable
{
    // https://huggingface.co/meta-llama/Meta-Llama-3-8B: 8 030 261 248 parameters, 1 050 673 152 of them embedding and head.
    private const string Llama3 = """
        { "architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
          "max_position_embeddings": 8192, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32,
          "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "tie_word_embeddings": false,
          "torch_dtype": "bfloat16", "vocab_size": 128256 }
        """;

    private readonly TemporaryFolder _folder = new();

    public MemoryEstimatorTests() => File.WriteAllText(_folder.File("config.json"), Llama3);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Llama_3_8B_on_24_GB_is_counted_by_hand()
    {
        var estimate = Llama(new MemoryOptions { TotalVramGB = 24, ContextLength = 8192, BatchSize = 2 });

        Assert.Equal(21.6, estimate.BudgetGB, 9);
        Assert.Equal(2.0 * 32 * 8 * 128 * 8192 * 2 * 2 / 1e9, estimate.KvCacheGB!.Value, 9);         // keys and values · blocks · heads · width · tokens · sequences · bytes
        Assert.Equal(2 * (2 * 525336576.0 + 65 * 4096) / 1e9, estimate.NonQuantWeightGB, 9);          // embedding and head, 65 norms
        Assert.Equal(((2.0 * 2048 * (8192 + (3 * 14336))) + (4.0 * 2 * 128256)) / 1e9, estimate.WorkspaceGB!.Value, 9);
        Assert.Equal(32L * 218103808, estimate.QuantizableParams);
        Assert.Equal(estimate.BudgetGB, estimate.KvCacheGB.Value + estimate.WorkspaceGB.Value + estimate.NonQuantWeightGB + estimate.AvailableForQuantGB, 9);
    }

    [Fact]
    public void Whole_bits_come_back_from_the_memory_that_they_take()
    {
        var four = 32 * ((218103808 * (4.0 + (20.0 / 128)) / 8) + (4 * ((6 * 4096) + 14336))); // codes, scales and zero points; group indices
        var rest = Llama(new MemoryOptions { TotalVramGB = 100 });
        var total = (four / 1e9) + rest.BudgetGB - rest.AvailableForQuantGB;
        Assert.Equal(4, Llama(new MemoryOptions { TotalVramGB = total / 0.9 }).TargetBit, 6);
    }

    [Fact]
    public void A_table_by_kind_sums_to_the_parameters_and_the_weights()
    {
        var estimate = Llama(new MemoryOptions { TotalVramGB = 10 });
        Assert.Equal(estimate.TotalParams, estimate.Tensors.Sum(row => row.Parameters));
        Assert.Equal(estimate.NonQuantWeightGB + estimate.AvailableForQuantGB, estimate.Tensors.Sum(row => row.GpuGB), 6);
        Assert.Equal([TensorKind.Embedding, TensorKind.Norm, TensorKind.Linear, TensorKind.Head], estimate.Tensors.Select(row => row.Kind));
    }

    [Fact]
    public void A_quarter_of_the_cache_bits_take_a_quarter_and_a_longer_context_more()
    {
        var whole = Llama(new MemoryOptions { TotalVramGB = 24, ContextLength = 4096 });
        Assert.Equal(whole.KvCacheGB!.Value / 4, Llama(new MemoryOptions { TotalVramGB = 24, ContextLength = 4096, KvBits = 4 }).KvCacheGB!.Value, 9);
        Assert.Equal(whole.KvCacheGB.Value * 2, Llama(new MemoryOptions { TotalVramGB = 24, ContextLength = 8192 }).KvCacheGB!.Value, 9);
    }

    [Fact]
    public void Over_two_GPUs_each_takes_half_of_all_but_the_norms()
    {
        var one = Llama(new MemoryOptions { TotalVramGB = 24 });
        var two = Llama(new MemoryOptions { TotalVramGB = 24, TensorParallel = 2 });
        const double norms = 2 * 65 * 4096 / 1e9;
        Assert.Equal(((one.NonQuantWeightGB - norms) / 2) + norms, two.NonQuantWeightGB, 9);
        Assert.Equal(one.KvCacheGB!.Value / 2, two.KvCacheGB!.Value, 9);
        Assert.True(two.TargetBit > one.TargetBit);
    }

    [Fact]
    public void Blocks_that_slide_keep_their_window()
    {
        var config = ModelConfig.Load(ModelFolders.Architecture("mistral-window")); // window 16, 2 blocks, 2 heads of 16
        var estimate = MemoryEstimator.Estimate(config, new MemoryOptions { TotalVramGB = 1, ContextLength = 512 });
        Assert.Equal(2.0 * 2 * 2 * 16 * 16 * 2 / 1e9, estimate.KvCacheGB!.Value, 12);
    }

    [Fact]
    public void What_is_kept_free_is_taken_from_the_bits()
    {
        var all = Llama(new MemoryOptions { TotalVramGB = 12 });
        var reserved = Llama(new MemoryOptions { TotalVramGB = 12, ReserveGB = 1 });
        Assert.Equal(all.AvailableForQuantGB - 1, reserved.AvailableForQuantGB, 9);
        Assert.True(reserved.TargetBit < all.TargetBit);
    }

    [Fact]
    public void The_references_rule_lets_Llama_3_overrun_8_GB_and_the_count_does_not()
    {
        var rule = VramEstimator.Estimate(Config(), 8);
        var count = Llama(new MemoryOptions { TotalVramGB = 8 });
        Assert.True(count.TargetBit < rule.TargetBit);
        var atRule = count.Tensors.Single(row => row.Kind == TensorKind.Linear).Parameters * (rule.TargetBit + (20.0 / 128)) / 8e9;
        Assert.True(atRule + count.NonQuantWeightGB + count.KvCacheGB + count.WorkspaceGB > count.BudgetGB);
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_with_what_takes_the_memory()
    {
        var error = Assert.Throws<EstimationException>(() => Llama(new MemoryOptions { TotalVramGB = 2 }));
        Assert.Equal(EstimationError.ModelTooLarge, error.Error);
        Assert.Contains("1.8 GB", error.Message, StringComparison.Ordinal);
        Assert.Contains("2.10", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EstimateMethod.Exact, "WBits")]
    [InlineData(EstimateMethod.OneComp, "KvBits")]
    public void A_setting_of_the_other_method_is_refused(EstimateMethod method, string setting)
    {
        var error = Assert.Throws<EstimationException>(() => EstimateSettings.Check(method, ["Model", setting]));
        Assert.Equal(("EstimateSettingNotUsed", setting), (error.ErrorId, error.Subject));
    }

    private VramEstimate Llama(MemoryOptions options) => MemoryEstimator.Estimate(Config(), options);

    private ModelConfig Config() => ModelConfig.Load(_folder.Path);
}
