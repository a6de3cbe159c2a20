using OneComp.Runtime.Cuda;
using OneComp.Tests.Support;

namespace OneComp.Tests.Runtime.Cuda;

public class KernelCacheTests
{
    [Fact]
    public void A_source_is_compiled_once()
    {
        using var folder = new TemporaryFolder();
        var (cache, compiler) = (new KernelCache(folder.Path), new Compiler());

        var first = cache.Get("source", 90, 13000, compiler);
        var second = new KernelCache(folder.Path).Get("source", 90, 13000, compiler);

        Assert.Equal(first, second);
        Assert.Equal(1, compiler.Calls);
        Assert.Single(Directory.GetFiles(folder.Path)); // no temporary file stays
    }

    [Theory]
    [InlineData("other source", 90, 13000, "NVRTC 13.0")]
    [InlineData("source", 89, 13000, "NVRTC 13.0")]
    [InlineData("source", 90, 13010, "NVRTC 13.0")]
    [InlineData("source", 90, 13000, "NVRTC 13.1")]
    public void Another_source_architecture_driver_or_compiler_is_compiled_anew(string source, int capability, int driver, string version)
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.Path);
        cache.Get("source", 90, 13000, new Compiler());
        var other = new Compiler(version);

        cache.Get(source, capability, driver, other);

        Assert.Equal(1, other.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(33)]
    public void A_damaged_file_is_compiled_anew_and_replaced(int keptBytes)
    {
        using var folder = new TemporaryFolder();
        var (cache, compiler) = (new KernelCache(folder.Path), new Compiler());
        var whole = cache.Get("source", 90, 13000, compiler);
        var file = Directory.GetFiles(folder.Path).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..keptBytes]);

        Assert.Equal(whole, cache.Get("source", 90, 13000, compiler));
        Assert.Equal(whole, cache.Get("source", 90, 13000, compiler));
        Assert.Equal(2, compiler.Calls);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_costs_only_the_compilation()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        var compiler = new Compiler();

        Assert.NotEmpty(new KernelCache(Path.Combine(file, "kernels")).Get("source", 90, 13000, compiler));
        Assert.NotEmpty(new KernelCache(null).Get("source", 90, 13000, compiler));
        Assert.Equal(2, compiler.Calls);
    }

    private sealed class Compiler(string version = "NVRTC 13.0") : IKernelCompiler
    {
        public int Calls { get; private set; }

        public string Version => version;

        public byte[] Compile(string source, int capability)
        {
            Calls++;
            return [.. Enumerable.Repeat((byte)capability, 100)];
        }
    }
}
