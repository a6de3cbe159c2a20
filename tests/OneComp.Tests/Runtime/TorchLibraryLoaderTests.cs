using System.Runtime.InteropServices;
using OneComp.Errors;
using OneComp.Runtime;
using OneComp.Tests.Support;

namespace OneComp.Tests.Runtime;

/// <summary>The order of loading and its failures, on folders of empty files.</summary>
public sealed class TorchLibraryLoaderTests : IDisposable
{
    private readonly TemporaryFolder _natives = new();
    private readonly TemporaryFolder _other = new();
    private readonly List<string> _opened = [];

    public void Dispose()
    {
        _natives.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Libraries_load_in_the_order_of_their_dependencies()
    {
        Fill(_natives, "c10", "torch_cpu", "torch", "LibTorchSharp");
        var loaded = TorchLibraryLoader.Load(null, ["/nowhere", _natives.Path], Record);
        Assert.Equal(Paths(_natives, "c10", "torch_cpu", "torch", "LibTorchSharp"), _opened);
        Assert.False(loaded.HasCuda);
        Assert.Equal(4, loaded.LibTorchSharp);
    }

    [Fact]
    public void Another_libtorch_comes_with_its_cuda_part_and_our_LibTorchSharp()
    {
        Fill(_natives, "c10", "torch_cpu", "torch", "LibTorchSharp");
        Fill(_other, "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch");
        var loaded = TorchLibraryLoader.Load(_other.Path, [_natives.Path], Record);
        Assert.Equal(
            [.. Paths(_other, "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"), .. Paths(_natives, "LibTorchSharp")], _opened);
        Assert.True(loaded.HasCuda);
        Assert.Equal(_other.Path, loaded.TorchFolder);
    }

    [Fact]
    public void A_wrong_torch_folder_is_reported_with_every_path_and_the_variable()
    {
        Fill(_natives, "c10", "torch_cpu", "torch", "LibTorchSharp");
        var error = Assert.Throws<RuntimeLoadException>(() => TorchLibraryLoader.Load(_other.Path, [_natives.Path], Record));
        Assert.Equal("TorchLibraryNotFound", error.ErrorId);
        Assert.Equal(ErrorKind.ResourceUnavailable, error.Kind);
        Assert.Equal(Paths(_other, "c10", "torch_cpu", "torch"), error.Attempts.Select(attempt => attempt.Path));
        Assert.All(error.Attempts, attempt => Assert.Contains(attempt.Path, error.Message, StringComparison.Ordinal));
        Assert.Contains("ONECOMP_TORCH_LIB names the folder", error.Message, StringComparison.Ordinal);
        Assert.Empty(_opened);
    }

    [Fact]
    public void Without_natives_every_candidate_is_reported()
    {
        var error = Assert.Throws<RuntimeLoadException>(() => TorchLibraryLoader.Load(null, [_natives.Path, _other.Path], Record));
        Assert.Equal("TorchLibraryNotFound", error.ErrorId);
        Assert.Equal(
            [.. Paths(_natives, "LibTorchSharp"), .. Paths(_other, "LibTorchSharp")], error.Attempts.Select(attempt => attempt.Path));
        Assert.Contains("src/OneComp.Native", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_reported_with_the_systems_words()
    {
        Fill(_natives, "c10", "torch_cpu", "torch", "LibTorchSharp");
        var error = Assert.Throws<RuntimeLoadException>(() => TorchLibraryLoader.Load(null, [_natives.Path], NativeLibrary.Load));
        Assert.Equal("TorchLibraryLoadFailed", error.ErrorId);
        Assert.Equal(Paths(_natives, "c10")[0], error.Subject);
        Assert.Contains(error.InnerException!.Message, error.Message, StringComparison.Ordinal);
    }

    private static void Fill(TemporaryFolder folder, params string[] libraries)
    {
        foreach (var path in Paths(folder, libraries))
        {
            File.WriteAllText(path, "");
        }
    }

    private static string[] Paths(TemporaryFolder folder, params string[] libraries) =>
        [.. libraries.Select(library => folder.File(NativeFileNames.Of(library)))];

    private nint Record(string path)
    {
        _opened.Add(path);
        return _opened.Count;
    }
}
