using OneComp.Export;
using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Tests.Export;

/// <summary>Layers over several GPUs: d_in mod (group size · GPUs) = 0 where rows are cut.</summary>
public class TensorParallelTests
{
    [Theory]
    [InlineData("mlp.down_proj", 896, 128, 1, true)]
    [InlineData("mlp.down_proj", 896, 128, 2, false)] // 448 columns are 3.5 groups
    [InlineData("self_attn.q_proj", 896, 128, 2, true)] // cut along d_out
    [InlineData("self_attn.q_proj", 900, 128, 1, false)]
    [InlineData("self_attn.o_proj", 4096, 128, 8, true)]
    [InlineData("mlp.down_proj", 4096, -1, 8, true)] // a scale per row goes to every GPU
    [InlineData("mlp.down_proj", 4095, -1, 8, false)]
    public void A_layer_fits_where_each_gpu_gets_whole_groups(string module, int columns, int groupSize, int gpus, bool fits) =>
        Assert.Equal(fits, TensorParallel.Fits(Layer(module, columns), new GroupScheme(4, groupSize, true), gpus));

    [Theory]
    [InlineData(896, 128, 2, 64)]
    [InlineData(896, 128, 7, 128)]
    [InlineData(104, 32, 1, 8)] // the last group is short
    [InlineData(101, 32, 1, 0)]
    [InlineData(96, 96, 2, 48)]
    public void The_largest_part_of_a_group_that_fits_is_found(int columns, int length, int gpus, int expected) =>
        Assert.Equal(expected, Regrouping.LargestFitting(columns, length, gpus));

    [Fact]
    public void The_warning_names_layers_and_a_group_size_that_would_do()
    {
        var warning = TensorParallel.Warning([(Layer("mlp.down_proj", 896), new GroupScheme(4, 128, true)), (Layer("self_attn.q_proj", 896), new GroupScheme(4, 128, true))], 2);
        Assert.Contains("1 layers cannot be divided over 2 GPUs", warning, StringComparison.Ordinal);
        Assert.Contains("model.layers.0.mlp.down_proj (d_in 896, group size 128)", warning, StringComparison.Ordinal);
        Assert.Contains("-GroupSize 64 would do", warning, StringComparison.Ordinal);
        Assert.Null(TensorParallel.Warning([(Layer("mlp.down_proj", 896), new GroupScheme(4, 128, true))], 7));
    }

    [Theory]
    [InlineData(ExportFormat.Gptq, "scales")]
    [InlineData(ExportFormat.CompressedTensors, "weight_scale")]
    public void An_export_divides_the_groups_of_layers_that_do_not_fit_and_changes_no_weight(ExportFormat format, string scales)
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32)); // 64 columns are two groups, and four GPUs need four
        var result = folder.Export(format, options => options with { TensorParallel = 4 });
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(result.Model));
        using var checkpoint = Checkpoint.Open(result.Model);
        Assert.Equal(2, Groups("self_attn.q_proj"));
        Assert.Equal(4, Groups("self_attn.o_proj"));

        long Groups(string module) => checkpoint.Require($"model.layers.0.{module}.{scales}").Shape[format == ExportFormat.Gptq ? 0 : 1];
    }

    private static LinearLayer Layer(string module, int columns) => new(
        "model.layers.0." + module, 0, module, module.Contains("q_proj", StringComparison.Ordinal) ? BlockStage.AttentionInput : module.Contains("o_proj", StringComparison.Ordinal) ? BlockStage.AttentionOutput : BlockStage.MlpOutput, columns, 64, false);
}
