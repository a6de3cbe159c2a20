using System.Runtime.InteropServices;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Tests.Runtime;

/// <summary>What is said where memory runs out.</summary>
public class MemoryBoundTests
{
    [Theory]
    [InlineData(
        "CUDA out of memory. Tried to allocate 96.00 MiB. GPU 0 has a total capacity of 139.81 GiB of which 1.00 MiB is free. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.\nException raised from malloc at CUDACachingAllocator.cpp:1",
        "cpu ran out of memory while it was tried (step 2): CUDA out of memory. Tried to allocate 96.00 MiB. It needs much. Do less.")]
    [InlineData(
        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
        "cpu ran out of memory while it was tried (step 2): CUDA error: out of memory. It needs much. Do less.")]
    [InlineData(
        "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 70368744177664 bytes. Error code 12 (Cannot allocate memory)",
        "The machine ran out of memory while it was tried (step 2): [enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 70368744177664 bytes. It needs much. Do less.")]
    public void An_error_says_where_what_and_what_to_do_in_a_few_sentences(string library, string expected)
    {
        var error = Assert.Throws<DeviceException>(() => Bound().Run(() => throw new LibraryFault(library)));
        Assert.Equal(DeviceError.OutOfMemory, error.Error);
        Assert.Equal(expected, error.Message);
        Assert.IsType<LibraryFault>(error.InnerException);
    }

    [Fact]
    public void Other_faults_and_errors_that_speak_for_themselves_pass()
    {
        var said = new DeviceException(DeviceError.OutOfMemory, "cuda:1", "said already");
        Assert.Same(said, Assert.Throws<DeviceException>(() => Bound().Run(() => throw said)));
        Assert.Throws<LibraryFault>(() => Bound().Run(() => throw new LibraryFault("mat1 and mat2 shapes cannot be multiplied")));
        Assert.Throws<NumericException>(() => Bound().Run(() => throw new NumericException(NumericError.HessianNotFinite, "layer", "not finite")));
        Assert.Equal(3, Bound().Run(() => 3));
    }

    [Fact]
    public void A_need_names_its_terms_and_the_windows_that_would_fit()
    {
        var total = ComputeDevices.Find(CPU)!.TotalMemoryBytes;
        Assert.Equal(
            "A window of 100 tokens, alone, needs about 1.5 GB: 0.5 for a block's weights, 1.0 for the window.",
            MemoryNeed.OfWindow(CPU, 100, 10_000_000, "-MaxLength", ("a block's weights", 500_000_000)));
        Assert.EndsWith(" Windows of up to 50 tokens would fit (-MaxLength).", MemoryNeed.OfWindow(CPU, 100, total / 100, "-MaxLength", ("a block's weights", total / 2)), StringComparison.Ordinal);
    }

    private static MemoryBound Bound()
    {
        var bound = new MemoryBound(CPU, "it was tried", () => "It needs much.", "Do less.");
        bound.At("step 1");
        bound.At("step 2");
        return bound;
    }

    private sealed class LibraryFault(string message) : ExternalException(message);
}
