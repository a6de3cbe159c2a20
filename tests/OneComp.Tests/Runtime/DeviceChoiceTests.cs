using OneComp.Errors;
using OneComp.Runtime;

namespace OneComp.Tests.Runtime;

public class DeviceChoiceTests
{
    private static readonly string[] CpuOnly = ["cpu"];
    private static readonly string[] TwoGpus = ["cpu", "cuda:0", "cuda:1"];

    [Theory]
    [InlineData(null, "cuda:0")]
    [InlineData("", "cuda:0")]
    [InlineData("auto", "cuda:0")]
    [InlineData("cpu", "cpu")]
    [InlineData("CPU", "cpu")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("Cuda:1", "cuda:1")]
    public void A_name_picks_among_the_gpus(string? name, string expected) =>
        Assert.Equal(expected, DeviceChoice.Resolve(name, TwoGpus, () => true));

    [Theory]
    [InlineData(null, "cuda:0")]
    [InlineData("cuda:0,cuda:1", "cuda:0,cuda:1")]
    [InlineData("CUDA:1, cuda", "cuda:1,cuda:0")]
    [InlineData("cpu,cpu", "cpu,cpu")]
    public void Several_names_pick_several_devices_in_their_order(string? names, string expected) =>
        Assert.Equal(expected, string.Join(',', DeviceChoice.ResolveAll(names, TwoGpus, () => true)));

    [Theory]
    [InlineData("cpu,cuda:0", "beside a GPU")]
    [InlineData("cuda:0,,cuda:1", "name each device")]
    [InlineData("cuda:0,auto", "name each device")]
    [InlineData("cuda:0,cuda:x", "names no device")]
    public void A_list_that_cannot_be_worked_on_is_an_error_that_says_why(string names, string expected)
    {
        var error = Assert.Throws<DeviceException>(() => DeviceChoice.ResolveAll(names, TwoGpus, () => true));
        Assert.Equal("DeviceNameInvalid", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_is_the_cpu_where_there_is_no_gpu() =>
        Assert.Equal("cpu", DeviceChoice.Resolve("auto", CpuOnly, () => throw new InvalidOperationException("not to be asked")));

    [Fact]
    public void Auto_is_the_cpu_where_libtorch_cannot_use_the_gpu() =>
        Assert.Equal("cpu", DeviceChoice.Resolve(null, TwoGpus, () => false));

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("cuda0")]
    public void A_malformed_name_is_an_error_that_names_the_devices(string name)
    {
        var error = Assert.Throws<DeviceException>(() => DeviceChoice.Resolve(name, TwoGpus, () => true));
        Assert.Equal("DeviceNameInvalid", error.ErrorId);
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("cpu, cuda:0, cuda:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_gpu_is_an_error_that_names_the_devices()
    {
        var error = Assert.Throws<DeviceException>(() => DeviceChoice.Resolve("cuda:2", TwoGpus, () => true));
        Assert.Equal("DeviceNotPresent", error.ErrorId);
        Assert.Contains("cpu, cuda:0, cuda:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gpu_that_libtorch_cannot_use_is_an_error_that_says_what_to_install()
    {
        var error = Assert.Throws<DeviceException>(() => DeviceChoice.Resolve("cuda:1", TwoGpus, () => false));
        Assert.Equal("DeviceLibraryWithoutCuda", error.ErrorId);
        Assert.Contains("ONECOMP_TORCH_LIB", error.Message, StringComparison.Ordinal);
    }
}
