namespace OneComp.Safetensors;

/// <summary>Element types of the safetensors format that are read and written here.</summary>
public enum DType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned byte.</summary>
    U8,

    /// <summary>Signed byte.</summary>
    I8,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a float32.</summary>
    BF16,

    /// <summary>IEEE single precision.</summary>
    F32,
}
