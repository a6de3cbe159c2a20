using System.Text.Encodings.Web;
using System.Text.Json;

namespace OneComp.Reports;

/// <summary>
/// Writes a plan as JSON (UTF-8, indented): <c>{"Summary": {..., "Settings": {name: text}}, "Assignment": [{"Layer": ...,
/// "Error": ...}, ...]}</c>. Names are those of the workbook's Summary sheet and of <see cref="Quantization.LayerAssignment"/>;
/// a number that is not known or NaN is null.
/// </summary>
public static class AssignmentJson
{
    // The file is read as JSON, never pasted into a page: names in other scripts stay readable.
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the file; one that is there is replaced.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="report">The plan.</param>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(string path, AssignmentReport report)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        WriteSummary(json, report);
        WriteRows(json, report.Rows);
        json.WriteEndObject();
    }

    /// <summary>Writes plans for several budgets: <c>{"Curve": [{...}, ...], "Assignment": [...]}</c>.</summary>
    internal static void Write(string path, AssignmentCurve curve)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        WriteTable(json, CurveSheets.Points(curve));
        WriteRows(json, curve.Rows);
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, Sheet sheet)
    {
        json.WriteStartArray(sheet.Name);
        foreach (var row in sheet.Rows)
        {
            json.WriteStartObject();
            for (var column = 0; column < row.Count; column++)
            {
                WriteValue(json, sheet.Columns[column].Header, row[column]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRows(Utf8JsonWriter json, IReadOnlyList<Quantization.LayerAssignment> rows)
    {
        json.WriteStartArray("Assignment");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            foreach (var column in AssignmentColumns.All)
            {
                WriteValue(json, column.Name, column.Value(row));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSummary(Utf8JsonWriter json, AssignmentReport report)
    {
        json.WriteStartObject("Summary");
        foreach (var figure in report.Figures)
        {
            WriteValue(json, figure.Name, figure.Value);
        }

        json.WriteStartObject("Settings");
        foreach (var (name, value) in report.Settings)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            default: json.WriteStringValue((string)value); break;
        }
    }
}
