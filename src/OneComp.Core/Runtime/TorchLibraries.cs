namespace OneComp.Runtime;

/// <summary>The tensor library as it was loaded.</summary>
/// <param name="TorchFolder">Folder of libtorch.</param>
/// <param name="NativesFolder">Folder of LibTorchSharp.</param>
/// <param name="HasCuda">Whether libtorch came with its CUDA part.</param>
/// <param name="LibTorchSharp">Handle of LibTorchSharp, for looking up exports.</param>
internal sealed record TorchLibraries(string TorchFolder, string NativesFolder, bool HasCuda, nint LibTorchSharp);
