using OneComp.Errors;

namespace OneComp.Quantization.Settings;

/// <summary>Ways in which settings make no quantizer.</summary>
public enum QuantizerSettingsError
{
    /// <summary>The text is not JSON, or not a PowerShell data file: something in it would have to run.</summary>
    NotData,

    /// <summary>The file is larger than any settings are.</summary>
    FileTooLarge,

    /// <summary>The file's extension is neither .json nor .psd1.</summary>
    UnknownExtension,

    /// <summary>No method is named, or one that is not known.</summary>
    MethodUnknown,

    /// <summary>The method has no such setting.</summary>
    SettingUnknown,

    /// <summary>A value is of another type than its setting, or not one of its names.</summary>
    ValueInvalid,

    /// <summary>Several quantizers for one file.</summary>
    Several,
}

/// <summary>Settings make no quantizer.</summary>
public sealed class QuantizerSettingsException : OneCompException
{
    internal QuantizerSettingsException(QuantizerSettingsError error, string subject, string message, Exception? innerException = null)
        : base("QuantizerSettings" + error, error is QuantizerSettingsError.UnknownExtension or QuantizerSettingsError.Several ? ErrorKind.InvalidArgument : ErrorKind.InvalidData, subject, message, innerException) =>
        Error = error;

    /// <summary>What is wrong.</summary>
    public QuantizerSettingsError Error { get; }
}
