using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OneComp.Runtime.Cuda;

/// <summary>NVRTC, NVIDIA's runtime compiler (NVRTC documentation, "User interface").</summary>
internal sealed unsafe class NvrtcCompiler : IKernelCompiler
{
    private const string ProgramName = "onecomp.cu";
    private readonly nint _library;

    private NvrtcCompiler(nint library)
    {
        _library = library;
        int major, minor;
        Check(((delegate* unmanaged<int*, int*, int>)Export("nvrtcVersion"))(&major, &minor), "nvrtcVersion");
        Version = string.Create(CultureInfo.InvariantCulture, $"NVRTC {major}.{minor}");
    }

    public string Version { get; }

    /// <summary>Loads the first of the candidates that there is.</summary>
    /// <exception cref="KernelException">None loads.</exception>
    public static NvrtcCompiler Load(IReadOnlyList<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
            {
                return NativeLibrary.TryGetExport(library, "nvrtcGetCUBIN", out _)
                    ? new NvrtcCompiler(library)
                    : throw new KernelException(KernelError.CompilerFailed, candidate, $"{candidate} is not NVRTC 11.1 or later.");
            }
        }

        throw new KernelException(
            KernelError.CompilerNotFound,
            candidates[0],
            $"NVRTC, which compiles the GPU kernels, is not found (tried {string.Join(", ", candidates)}). Set {NvrtcFiles.Variable} to the path of " +
            "nvrtc64_*.dll or libnvrtc.so.*, which comes with the CUDA toolkit and with PyTorch.");
    }

    public byte[] Compile(string source, int capability)
    {
        var supported = SupportedArchitectures();
        var exact = supported.Contains(capability);
        var target = exact ? capability : supported.Where(known => known < capability).DefaultIfEmpty(capability).Max();
        nint program;
        fixed (byte* text = Terminated(source), name = Terminated(ProgramName))
        {
            Check(
                ((delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Export("nvrtcCreateProgram"))(&program, text, name, 0, null, null),
                "nvrtcCreateProgram");
        }

        try
        {
            fixed (byte* architecture = Terminated(string.Create(CultureInfo.InvariantCulture, $"--gpu-architecture={(exact ? "sm" : "compute")}_{target}")),
                standard = "--std=c++17"u8)
            {
                var options = stackalloc byte*[] { architecture, standard };
                if (((delegate* unmanaged<nint, int, byte**, int>)Export("nvrtcCompileProgram"))(program, 2, options) != 0)
                {
                    var log = Encoding.UTF8.GetString(Result(program, "nvrtcGetProgramLog")).TrimEnd('\0', '\n');
                    throw new KernelException(KernelError.CompilationFailed, ProgramName, $"{Version} refuses the GPU kernels for compute capability {capability}: {log}");
                }
            }

            return Result(program, exact ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
        }
        finally
        {
            _ = ((delegate* unmanaged<nint*, int>)Export("nvrtcDestroyProgram"))(&program);
        }
    }

    private int[] SupportedArchitectures()
    {
        int count;
        Check(((delegate* unmanaged<int*, int>)Export("nvrtcGetNumSupportedArchs"))(&count), "nvrtcGetNumSupportedArchs");
        var architectures = new int[count];
        fixed (int* first = architectures)
        {
            Check(((delegate* unmanaged<int*, int>)Export("nvrtcGetSupportedArchs"))(first), "nvrtcGetSupportedArchs");
        }

        return architectures;
    }

    /// <summary>What the two calls NAMESize and NAME give.</summary>
    private byte[] Result(nint program, string name)
    {
        nuint size;
        Check(((delegate* unmanaged<nint, nuint*, int>)Export(name + "Size"))(program, &size), name + "Size");
        var bytes = new byte[size];
        fixed (byte* first = bytes)
        {
            Check(((delegate* unmanaged<nint, byte*, int>)Export(name))(program, first), name);
        }

        return bytes;
    }

    private nint Export(string function) => NativeLibrary.GetExport(_library, function);

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new KernelException(KernelError.CompilerFailed, call, $"NVRTC answers {call} with error {result}.");
        }
    }
}
