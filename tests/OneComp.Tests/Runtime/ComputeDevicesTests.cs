using OneComp.Runtime;
using TorchSharp;

namespace OneComp.Tests.Runtime;

public class ComputeDevicesTests
{
    [Fact]
    public void The_cpu_comes_first_with_its_memory()
    {
        var cpu = ComputeDevices.List()[0];
        Assert.Equal("cpu", cpu.Name);
        Assert.Equal("CPU", cpu.Backend);
        Assert.NotEmpty(cpu.DisplayName);
        Assert.InRange(cpu.FreeMemoryBytes, 1, cpu.TotalMemoryBytes);
        Assert.StartsWith("TorchSharp 0.", cpu.LibraryVersion, StringComparison.Ordinal);
    }

    [Fact]
    public void Gpus_follow_in_order_with_their_memory()
    {
        var gpus = ComputeDevices.List().Skip(1).ToList();
        Assert.Equal(gpus.Select((_, index) => $"cuda:{index}"), gpus.Select(gpu => gpu.Name));
        Assert.All(gpus, gpu => Assert.InRange(gpu.FreeMemoryBytes, 1, gpu.TotalMemoryBytes));
        Assert.All(gpus, gpu => Assert.StartsWith("CUDA ", gpu.LibraryVersion, StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_gives_a_device_that_holds_tensors()
    {
        using var tensor = torch.ones(3, device: ComputeDevices.Parse("cpu"));
        Assert.Equal(3, tensor.sum().item<float>());
    }

    [Fact]
    public void Parse_refuses_a_gpu_that_is_not_there() =>
        Assert.Equal(DeviceError.NotPresent, Assert.Throws<DeviceException>(() => ComputeDevices.Parse("cuda:99")).Error);
}
