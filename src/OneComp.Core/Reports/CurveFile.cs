namespace OneComp.Reports;

/// <summary>Writes plans for several budgets: as a workbook, as rows in CSV or JSON, or as a picture of the curve.</summary>
public static class CurveFile
{
    private const string Picture = ".png";

    /// <summary>True when the name asks for a picture.</summary>
    /// <param name="path">File name.</param>
    public static bool IsPicture(string path) => Path.GetExtension(path).Equals(Picture, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <param name="path">File to write: .xlsx, .csv, .json or .png.</param>
    /// <param name="curve">The plans.</param>
    /// <param name="force">True to replace a file that is there.</param>
    /// <exception cref="ReportException">UnknownExtension, and as <see cref="ReportFile.Write"/>.</exception>
    public static void Write(string path, AssignmentCurve curve, bool force)
    {
        Action<string> write = IsPicture(path) ? temporary => File.WriteAllBytes(temporary, CurvePicture.ToPng(curve))
            : AssignmentFile.FormatOf(path) switch
            {
                AssignmentFormat.Workbook => temporary => AssignmentWorkbook.Write(temporary, CurveSheets.Of(curve)),
                AssignmentFormat.Csv => temporary => AssignmentCsv.Write(temporary, curve.Rows),
                _ => temporary => AssignmentJson.Write(temporary, curve),
            };
        ReportFile.Write(path, force, write);
    }
}
