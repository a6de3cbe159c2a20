using System.Diagnostics;
using System.Reflection;
using OneComp.Build;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>The build step that keeps arguments of TorchSharp's methods alive until they return.</summary>
public sealed class HoldArgumentsStepTests : IDisposable
{
    private const MethodImplAttributes Held = MethodImplAttributes.NoInlining | MethodImplAttributes.NoOptimization;
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private string Copy => _folder.File("copy.dll");

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("mul_")]
    [InlineData("add_")]
    [InlineData("masked_fill")]
    [InlineData("clamp_")]
    public void The_torchsharp_that_runs_here_holds_the_arguments_of(string method)
    {
        var overloads = typeof(TorchSharp.torch.Tensor).GetMethods().Where(found => found.Name == method).ToList();
        Assert.NotEmpty(overloads);
        Assert.All(overloads, found => Assert.Equal(Held, found.MethodImplementationFlags & Held));
    }

    [Fact]
    public void Every_method_with_code_is_changed_once_and_the_rest_of_the_file_stays()
    {
        var original = File.ReadAllBytes(typeof(HoldArgumentsStepTests).Assembly.Location);
        File.WriteAllBytes(Copy, original);
        Assert.Equal(0, Run());
        var changed = File.ReadAllBytes(Copy);
        Assert.Equal(0, Run());

        Assert.Equal(changed, File.ReadAllBytes(Copy));
        Assert.Equal(original.Length, changed.Length);
        var differing = original.Zip(changed).Where(pair => pair.First != pair.Second).ToList();
        Assert.True(differing.Count > 1000, $"{differing.Count} bytes changed");
        Assert.All(differing, pair => Assert.Equal(pair.First | (int)Held, pair.Second));
    }

    [Fact]
    public void A_hard_link_to_the_file_keeps_its_content()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no ln
        }

        var original = File.ReadAllBytes(typeof(HoldArgumentsStep).Assembly.Location);
        File.WriteAllBytes(_folder.File("cache.dll"), original);
        using (var process = Process.Start("ln", [_folder.File("cache.dll"), Copy]))
        {
            process.WaitForExit();
        }

        Assert.Equal(0, Run());

        Assert.Equal(original, File.ReadAllBytes(_folder.File("cache.dll")));
        Assert.NotEqual(original, File.ReadAllBytes(Copy));
    }

    [Fact]
    public void The_copy_goes_where_it_is_asked_for_and_the_original_stays()
    {
        var original = File.ReadAllBytes(typeof(HoldArgumentsStep).Assembly.Location);
        File.WriteAllBytes(Copy, original);

        Assert.Equal(0, HoldArgumentsStep.Run(Copy, _folder.File("new/held.dll"), _output, _error));

        Assert.Equal(original, File.ReadAllBytes(Copy));
        Assert.NotEqual(original, File.ReadAllBytes(_folder.File("new/held.dll")));
        Assert.Single(Directory.GetFiles(_folder.File("new")));
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_a_named_error()
    {
        File.WriteAllText(Copy, "text");
        Assert.Equal(1, Run());
        Assert.Contains("error OC0004", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("text", File.ReadAllText(Copy));
    }

    private int Run() => HoldArgumentsStep.Run(Copy, Copy, _output, _error);
}
