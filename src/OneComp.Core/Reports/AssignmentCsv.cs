using System.Globalization;
using System.Text;

namespace OneComp.Reports;

/// <summary>
/// Writes a plan as comma-separated values (RFC 4180): UTF-8 without a byte order mark, a header line with the property names of
/// <see cref="Quantization.LayerAssignment"/>, a line a layer. Numbers are in the invariant culture with as many digits as it
/// takes to read the same number back; NaN and infinities are empty fields. Texts with a comma, a quote or a line break are
/// quoted.
/// </summary>
public static class AssignmentCsv
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes the file; one that is there is replaced.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="report">The plan.</param>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(string path, AssignmentReport report) => Write(path, report.Rows);

    /// <summary>Writes rows, of several plans perhaps.</summary>
    internal static void Write(string path, IReadOnlyList<Quantization.LayerAssignment> rows)
    {
        using var writer = new StreamWriter(path, append: false, Utf8) { NewLine = "\r\n" };
        writer.WriteLine(string.Join(',', AssignmentColumns.All.Select(column => column.Name)));
        foreach (var row in rows)
        {
            writer.WriteLine(string.Join(',', AssignmentColumns.All.Select(column => Field(column.Value(row)))));
        }
    }

    private static string Field(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
