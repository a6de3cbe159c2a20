namespace OneComp.Reports;

/// <summary>What can go wrong when a report is written. The error id is <c>Report</c> and the name.</summary>
public enum ReportError
{
    /// <summary>There is no row to report.</summary>
    NoRows,

    /// <summary>The rows come from more than one plan.</summary>
    MixedPlans,

    /// <summary>Two rows are for the same layer.</summary>
    DuplicateLayer,

    /// <summary>The file name's extension stands for no format that can be written.</summary>
    UnknownExtension,

    /// <summary>The file is there already.</summary>
    FileExists,

    /// <summary>The path is that of a folder.</summary>
    PathIsFolder,

    /// <summary>The folder for the file is not there.</summary>
    FolderNotFound,

    /// <summary>The system refuses to write.</summary>
    AccessDenied,

    /// <summary>Writing failed midway.</summary>
    WriteFailed,
}
