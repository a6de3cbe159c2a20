namespace OneComp.Runtime;

/// <summary>Why the tensor library could not be used; the error id is <c>TorchLibrary</c> and the name.</summary>
public enum TorchLibraryError
{
    /// <summary>A file of the tensor library is not where it was looked for.</summary>
    NotFound,

    /// <summary>The system refused to load a file that is there.</summary>
    LoadFailed,
}
