namespace OneComp.Calibration;

/// <summary>Everything that can be wrong with calibration or evaluation data. The error id is <c>Calibration</c> + the name.</summary>
public enum CalibrationError
{
    /// <summary>A token id lies outside the model's vocabulary.</summary>
    IdOutsideVocabulary,

    /// <summary>An option is outside its range.</summary>
    OptionOutOfRange,

    /// <summary>No file has the path that was given.</summary>
    FileNotFound,

    /// <summary>The path is a folder; one file is read.</summary>
    PathIsFolder,

    /// <summary>The file name ends in none of the known extensions.</summary>
    UnknownExtension,

    /// <summary>The file may not be read.</summary>
    AccessDenied,

    /// <summary>Reading failed midway.</summary>
    ReadFailed,

    /// <summary>The file has no text in it: no bytes, white space only, or no document that has text.</summary>
    FileEmpty,

    /// <summary>A .txt file is one document and has to fit in one string.</summary>
    TextFileTooLarge,

    /// <summary>A text file is neither UTF-8 nor marked as UTF-16 or UTF-32.</summary>
    NotUtf8,

    /// <summary>A gzip or parquet file breaks its format.</summary>
    CorruptFile,

    /// <summary>A line of a .jsonl file is not a JSON object.</summary>
    InvalidJsonLine,

    /// <summary>A JSON line lacks the text field.</summary>
    MissingField,

    /// <summary>The text field of a JSON line is not a string.</summary>
    FieldNotText,

    /// <summary>A parquet file lacks the text column.</summary>
    MissingColumn,

    /// <summary>The text column of a parquet file does not hold strings.</summary>
    ColumnNotText,

    /// <summary>The text has fewer tokens than were asked for.</summary>
    TooLittleText,

    /// <summary>Fewer documents than were asked for are long enough.</summary>
    TooFewLongDocuments,

    /// <summary>The token-id tensor has fewer rows than were asked for.</summary>
    TooFewRows,

    /// <summary>The safetensors file holds no 2-D integer tensor with at least one element.</summary>
    NoTokenTensor,

    /// <summary>The safetensors file holds several 2-D integer tensors and none was named.</summary>
    SeveralTokenTensors,

    /// <summary>The safetensors file has no tensor of the name given.</summary>
    TensorNotFound,

    /// <summary>The tensor named is not a 2-D I32 or I64 tensor with at least one element.</summary>
    TensorNotTokenIds,

    /// <summary>The rows asked for hold more ids than one array can.</summary>
    TokenTensorTooLarge,

    /// <summary>A token id is negative.</summary>
    NegativeId,

    /// <summary>A token id is above 2^31 - 1.</summary>
    IdTooLarge,
}
