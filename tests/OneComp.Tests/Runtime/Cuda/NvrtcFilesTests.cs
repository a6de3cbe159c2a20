using OneComp.Runtime.Cuda;
using OneComp.Tests.Support;

namespace OneComp.Tests.Runtime.Cuda;

public class NvrtcFilesTests
{
    [Fact]
    public void A_given_file_is_the_only_candidate() =>
        Assert.Equal(["/opt/libnvrtc.so.13"], NvrtcFiles.Candidates("/opt/libnvrtc.so.13", "/nowhere/torch/lib", isWindows: false));

    [Fact]
    public void Files_beside_libtorch_come_before_those_of_pip_packages_and_names()
    {
        using var folder = new TemporaryFolder();
        var torch = Directory.CreateDirectory(Path.Combine(folder.Path, "torch", "lib")).FullName;
        var pip = Directory.CreateDirectory(Path.Combine(folder.Path, "nvidia", "cu13", "lib")).FullName;
        foreach (var file in (string[])[Path.Combine(torch, "libnvrtc.so.12"), Path.Combine(pip, "libnvrtc.so.13"), Path.Combine(pip, "libnvrtc.alt.so.13")])
        {
            File.WriteAllText(file, "");
        }

        Assert.Equal(
            [Path.Combine(torch, "libnvrtc.so.12"), Path.Combine(pip, "libnvrtc.so.13"), "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"],
            NvrtcFiles.Candidates(null, torch, isWindows: false));
    }

    [Fact]
    public void Windows_has_names_of_its_own() =>
        Assert.Equal(["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"], NvrtcFiles.Candidates("", "/nowhere/torch/lib", isWindows: true));

    [Fact]
    public void Where_none_loads_the_error_names_the_variable()
    {
        var error = Assert.Throws<KernelException>(() => NvrtcCompiler.Load(["/nowhere/libnvrtc.so.13"]));
        Assert.Equal((KernelError.CompilerNotFound, "KernelCompilerNotFound"), (error.Error, error.ErrorId));
        Assert.Contains(NvrtcFiles.Variable, error.Message, StringComparison.Ordinal);
    }
}
