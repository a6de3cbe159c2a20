namespace OneComp.Runtime;

/// <summary>Why a device cannot be used; the error id is <c>Device</c> and the name.</summary>
public enum DeviceError
{
    /// <summary>The name is not of the form auto, cpu, cuda or cuda:N.</summary>
    NameInvalid,

    /// <summary>No such device is present.</summary>
    NotPresent,

    /// <summary>The GPU is present, but libtorch cannot compute on it.</summary>
    LibraryWithoutCuda,

    /// <summary>A device failed at its work, and no other could go on with it.</summary>
    Failed,

    /// <summary>A device has no room for the smallest piece of its work.</summary>
    OutOfMemory,
}
