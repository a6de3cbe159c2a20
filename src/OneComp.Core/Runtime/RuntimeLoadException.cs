using System.Text;
using OneComp.Errors;

namespace OneComp.Runtime;

/// <summary>The tensor library (libtorch, LibTorchSharp) cannot be loaded. The message lists every file that was tried.</summary>
public sealed class RuntimeLoadException : OneCompException
{
    internal RuntimeLoadException(
        TorchLibraryError error, IReadOnlyList<LibraryAttempt> attempts, Exception? innerException = null)
        : base($"TorchLibrary{error}", ErrorKind.ResourceUnavailable, attempts[0].Path, Describe(error, attempts), innerException)
    {
        Error = error;
        Attempts = attempts;
    }

    /// <summary>What went wrong.</summary>
    public TorchLibraryError Error { get; }

    /// <summary>The files that were tried, in order.</summary>
    public IReadOnlyList<LibraryAttempt> Attempts { get; }

    private static string Describe(TorchLibraryError error, IReadOnlyList<LibraryAttempt> attempts)
    {
        var text = new StringBuilder(error == TorchLibraryError.NotFound
            ? "The tensor library is not installed where OneComp looks for it. Tried:"
            : "The tensor library is there but does not load. Tried:");
        foreach (var attempt in attempts)
        {
            text.Append(Environment.NewLine).Append("  ").Append(attempt.Path).Append(": ").Append(attempt.Failure);
        }

        text.Append(Environment.NewLine).Append(
            "Reinstall the module (in a checkout: dotnet build -c Release src/OneComp.Native), or set " +
            $"{TorchRuntime.FolderVariable} to the lib folder of a PyTorch installation (.../site-packages/torch/lib).");
        if (error == TorchLibraryError.LoadFailed && OperatingSystem.IsWindows())
        {
            text.Append(" On Windows it also needs the Microsoft Visual C++ Redistributable 2015-2022 (x64).");
        }

        return text.ToString();
    }
}
