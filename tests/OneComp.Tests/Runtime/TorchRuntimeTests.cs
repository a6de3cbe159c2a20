using System.Reflection;
using System.Runtime.Loader;
using OneComp.Runtime;
using OneComp.Tests.Support;
using TorchSharp;

namespace OneComp.Tests.Runtime;

public class TorchRuntimeTests
{
    [Fact]
    public void The_library_comes_from_the_checkouts_module_folder_unless_another_is_given()
    {
        var given = Environment.GetEnvironmentVariable(TorchRuntime.FolderVariable);
        Assert.Equal(string.IsNullOrEmpty(given) ? Path.Combine(Repository.Root, "module", "torch") : given, TorchRuntime.TorchFolder);
    }

    [Fact]
    public void In_a_load_context_of_its_own_it_runs_and_copies_nothing()
    {
        // In the build output, whence the way up leads to module/torch; left there, since Windows locks loaded assemblies.
        var lib = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "load-context")).FullName;
        foreach (var name in new[] { "OneComp.Core.dll", "TorchSharp.dll" })
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(lib, name), overwrite: true);
        }

        var context = new FolderLoadContext(lib);
        var devices = context.LoadFromAssemblyPath(Path.Combine(lib, "OneComp.Core.dll")).GetType(typeof(ComputeDevices).FullName!)!;
        var device = devices.GetMethod(nameof(ComputeDevices.Parse))!.Invoke(null, ["cpu"])!;
        Assert.Same(context, AssemblyLoadContext.GetLoadContext(device.GetType().Assembly));
        Assert.Equal("6", SumOfOnes(device.GetType().Assembly));
        Assert.Equal(["OneComp.Core.dll", "TorchSharp.dll"], Directory.GetFileSystemEntries(lib).Select(Path.GetFileName).Order());
    }

    /// <summary>Computes with that context's TorchSharp, whose types are not the test's.</summary>
    private static string SumOfOnes(Assembly torchSharp)
    {
        var create = torchSharp.GetType(typeof(torch).FullName!)!.GetMethods().First(method =>
            method.Name == "ones" && method.GetParameters()[0].ParameterType == typeof(long[]));
        var ones = create.Invoke(null, [new long[] { 2, 3 }, .. Enumerable.Repeat(Type.Missing, create.GetParameters().Length - 1)])!;
        var sum = ones.GetType().GetMethod("sum", [ones.GetType().Assembly.GetType("TorchSharp.torch+ScalarType") is { } type
            ? typeof(Nullable<>).MakeGenericType(type)
            : throw new InvalidOperationException("no ScalarType")])!;
        var item = ones.GetType().GetMethod("item", Type.EmptyTypes)!.MakeGenericMethod(typeof(float));
        return item.Invoke(sum.Invoke(ones, [null]), null)!.ToString()!;
    }

    private sealed class FolderLoadContext(string folder) : AssemblyLoadContext("test")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(folder, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
