using System.Text.RegularExpressions;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using TorchSharp;

namespace OneComp.Tests.Runtime.Cuda;

public partial class CudaKernelsTests
{
    [Fact]
    public void The_source_holds_every_kernel_that_is_launched()
    {
        var source = CudaKernels.Source();
        string[] launched = ["group_ranges", "group_ranges_searched", "gptq_block_found", "gptq_block_searched", "gptq_rows_given", "gptq_rows_found", "split_rows", "split_columns", "group_dots", "code_descent", "pack_bits", "rms_norm", "turn_heads", "gate_up", "rms_norm_back", "gate_back", "square_sums"];
        Assert.Equal(launched.Order(), KernelName().Matches(source).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public void The_cpu_has_no_kernels()
    {
        TorchRuntime.EnsureLoaded();
        Assert.Null(CudaKernels.For(torch.CPU, null));
    }

    [GeneratedRegex(@"extern ""C"" __global__ void(?: __launch_bounds__\([^)]*\))? (\w+)\(")]
    private static partial Regex KernelName();
}
