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

/// <summary>Writes a plan in the format that the file's name asks for.</summary>
public static class AssignmentFile
{
    /// <summary>The format that the extension stands for, in either case.</summary>
    /// <param name="path">File name: .xlsx, .csv or .json.</param>
    /// <exception cref="ReportException">UnknownExtension.</exception>
    public static AssignmentFormat FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".XLSX" => AssignmentFormat.Workbook,
        ".CSV" => AssignmentFormat.Csv,
        ".JSON" => AssignmentFormat.Json,
        var other => throw new ReportException(
            ReportError.UnknownExtension, path, $"'{path}' ends in '{other.ToLowerInvariant()}'; an assignment is written as .xlsx, .csv or .json."),
    };

    /// <summary>Writes the plan under a temporary name and renames it.</summary>
    /// <param name="path">File to write: .xlsx, .csv or .json.</param>
    /// <param name="report">The plan.</param>
    /// <param name="force">True to replace a file that is there.</param>
    /// <exception cref="ReportException">UnknownExtension, and as <see cref="ReportFile.Write"/>.</exception>
    public static void Write(string path, AssignmentReport report, bool force)
    {
        Action<string, AssignmentReport> write = FormatOf(path) switch
        {
            AssignmentFormat.Workbook => AssignmentWorkbook.Write,
            AssignmentFormat.Csv => AssignmentCsv.Write,
            _ => AssignmentJson.Write,
        };
        ReportFile.Write(path, force, temporary => write(temporary, report));
    }
}
