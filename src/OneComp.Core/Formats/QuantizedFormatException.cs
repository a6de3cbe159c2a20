using OneComp.Errors;

namespace OneComp.Formats;

/// <summary>Ways in which a quantized checkpoint cannot be read.</summary>
public enum QuantizedFormatError
{
    /// <summary>config.json names a quantization method that is not read here.</summary>
    UnknownMethod,

    /// <summary>A model that is to be quantized is quantized already.</summary>
    AlreadyQuantized,

    /// <summary>A model that is to be exported is not quantized.</summary>
    NotQuantized,

    /// <summary>A layer's tensors do not fit its shape.</summary>
    LayerInvalid,

    /// <summary>A GGUF file breaks a rule of its format.</summary>
    FileInvalid,
}

/// <summary>A quantized checkpoint cannot be read.</summary>
public sealed class QuantizedFormatException : OneCompException
{
    internal QuantizedFormatException(QuantizedFormatError error, string subject, string message)
        : base(
            "QuantizedFormat" + error,
            KindOf(error),
            subject,
            message) => Error = error;

    /// <summary>What went wrong.</summary>
    public QuantizedFormatError Error { get; }

    private static ErrorKind KindOf(QuantizedFormatError error) => error switch
    {
        QuantizedFormatError.AlreadyQuantized or QuantizedFormatError.NotQuantized => ErrorKind.InvalidArgument,
        QuantizedFormatError.UnknownMethod => ErrorKind.NotSupported,
        _ => ErrorKind.InvalidData,
    };
}
