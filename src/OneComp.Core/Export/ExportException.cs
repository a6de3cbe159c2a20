using OneComp.Errors;

namespace OneComp.Export;

/// <summary>Reasons why a model cannot be exported to a form.</summary>
public enum ExportError
{
    /// <summary>A layer's zero points are not all in the middle, and the form holds only such.</summary>
    LayerAsymmetric,

    /// <summary>A layer's columns are in another order than its groups (act-order), and the form knows only theirs.</summary>
    LayerActOrder,

    /// <summary>A layer's last group is shorter than the others, and no group size of use divides the row.</summary>
    GroupUneven,

    /// <summary>A layer's method has no place in the form.</summary>
    LayerMethod,

    /// <summary>A scale or zero point lies outside what the form can hold.</summary>
    LayerValue,

    /// <summary>The form has no architecture for the model.</summary>
    ModelNotSupported,

    /// <summary>The tokenizer's way to cut text has no name in the form.</summary>
    PreTokenizerUnknown,

    /// <summary>The tokenizer does not belong to the model, or cannot be written.</summary>
    TokenizerMismatch,

    /// <summary>A value does not fit half precision.</summary>
    ValueOutOfRange,
}

/// <summary>A model cannot be exported to a form.</summary>
public sealed class ExportException : OneCompException
{
    internal ExportException(ExportError error, string subject, string message)
        : base("Export" + error, KindOf(error), subject, message) => Error = error;

    /// <summary>What stands in the way.</summary>
    public ExportError Error { get; }

    private static ErrorKind KindOf(ExportError error) => error switch
    {
        ExportError.TokenizerMismatch or ExportError.ValueOutOfRange or ExportError.LayerValue => ErrorKind.InvalidData,
        _ => ErrorKind.NotSupported,
    };
}
