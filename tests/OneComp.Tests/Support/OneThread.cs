using System.Runtime.CompilerServices;
using OneComp.Runtime;

namespace OneComp.Tests.Support;

/// <summary>
/// Gives each test one thread of the tensor library: tests run beside each other, and on two cores the threads of two tests
/// would wait for one another at every small operation.
/// </summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Set()
    {
        TorchRuntime.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);
    }
}
