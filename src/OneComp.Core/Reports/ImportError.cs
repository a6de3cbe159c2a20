namespace OneComp.Reports;

/// <summary>What can be wrong with a file that is to give a plan. The error id is <c>Import</c> and the name.</summary>
public enum ImportError
{
    /// <summary>The file name's extension stands for no format that is read.</summary>
    UnknownExtension,

    /// <summary>The file, or what is in it, is larger than a plan can be.</summary>
    TooLarge,

    /// <summary>The file is not what its extension says, or damaged.</summary>
    Malformed,

    /// <summary>A column that a plan needs is missing, or there twice.</summary>
    MissingColumn,

    /// <summary>Cells hold what they cannot; the message lists them.</summary>
    InvalidCell,

    /// <summary>There is no row.</summary>
    NoRows,

    /// <summary>The system refuses to read, or reading failed.</summary>
    ReadFailed,
}
