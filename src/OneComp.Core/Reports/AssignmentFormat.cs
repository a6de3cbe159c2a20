namespace OneComp.Reports;

/// <summary>Formats that a plan can be written in.</summary>
public enum AssignmentFormat
{
    /// <summary>Excel workbook, .xlsx.</summary>
    Workbook,

    /// <summary>Comma-separated values, .csv.</summary>
    Csv,

    /// <summary>JSON, .json.</summary>
    Json,
}
