namespace OneComp.Errors;

/// <summary>What sort of fault an <see cref="OneCompException"/> reports; a shell maps it to its own categories.</summary>
public enum ErrorKind
{
    /// <summary>A file's content breaks a rule of its format.</summary>
    InvalidData,

    /// <summary>A value the caller gave cannot be used.</summary>
    InvalidArgument,

    /// <summary>A file, folder, tensor or layer that was named is not there.</summary>
    NotFound,

    /// <summary>The output is there already and was not to be replaced.</summary>
    AlreadyExists,

    /// <summary>The system refuses to read or write.</summary>
    PermissionDenied,

    /// <summary>Reading or writing failed midway: disk full, device gone.</summary>
    ReadOrWrite,

    /// <summary>The input is well-formed, but this version does not handle it.</summary>
    NotSupported,

    /// <summary>A library or device that the work needs is missing.</summary>
    ResourceUnavailable,

    /// <summary>A computation gave no usable number.</summary>
    InvalidResult,

    /// <summary>The work needs more memory than there is.</summary>
    NotEnoughMemory,
}
