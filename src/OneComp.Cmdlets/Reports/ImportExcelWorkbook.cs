using System.Collections.ObjectModel;
using System.Data;
using System.Management.Automation;

namespace OneComp.Reports;

/// <summary>
/// Writes the workbook of a plan with the PowerShell module ImportExcel: the sheets and values that <see
/// cref="AssignmentWorkbook"/> writes.
/// </summary>
internal static class ImportExcelWorkbook
{
    // The module that the session has loaded, else the newest one installed.
    private const string FindScript = """
        $loaded = Get-Module -Name ImportExcel
        $found = if ($loaded) { $loaded } else { Get-Module -Name ImportExcel -ListAvailable }
        $found | Where-Object { $_.ExportedCommands.ContainsKey('Export-Excel') }
        """;

    // A data table keeps the types of its values: 0007 or =1+1 stays a text, which it would not from the pipeline.
    private const string WriteScript = """
        param($Module, $Path, $Sheets)
        $ErrorActionPreference = 'Stop'
        Import-Module -ModuleInfo $Module -Verbose:$false
        $package = $null
        try {
            foreach ($sheet in $Sheets) {
                $target = if ($null -eq $package) { @{ Path = $Path } } else { @{ ExcelPackage = $package } }
                $table = if ($sheet.TableName) { @{ TableName = $sheet.TableName; TableStyle = 'Medium2' } } else { @{} }
                $package = Export-Excel @target @table -InputObject $sheet.Table -WorksheetName $sheet.Name -BoldTopRow `
                    -FreezeTopRow -FreezeFirstColumn:$sheet.FreezeFirstColumn -PassThru

                $worksheet = $package.Workbook.Worksheets[$sheet.Name]
                $number = 0
                foreach ($column in $sheet.Columns) {
                    $number++
                    $format = if ($column.NumberFormat) { @{ NumberFormat = $column.NumberFormat } } else { @{} }
                    $align = if ($column.LeftAligned) { @{ HorizontalAlignment = 'Left' } } else { @{} }
                    $hide = if ($column.Hidden) { @{ Hide = $true } } else { @{} }
                    Set-ExcelColumn -Worksheet $worksheet -Column $number -Width $column.Width @format @align @hide
                }
                foreach ($line in $sheet.FormattedLines) {
                    Set-ExcelRange -Worksheet $worksheet -Range $line.Range -NumberFormat $line.NumberFormat
                }
                foreach ($address in $sheet.BlankCells) {
                    Set-ExcelRange -Worksheet $worksheet -Range $address -Value $null
                }
                if ($sheet.ColorScale) {
                    Add-ConditionalFormatting -Worksheet $worksheet -Address $sheet.ColorScale -RuleType ThreeColorScale
                }
                if ($sheet.Chart) {
                    $ranges = $sheet.ChartRanges
                    $chart = Add-ExcelChart -Worksheet $worksheet -Title $sheet.Chart.Title -ChartType XYScatterLines `
                        -XRange $ranges.X -YRange $ranges.Y -SeriesHeader $ranges.Name -NoLegend:($ranges.Name.Count -lt 2) `
                        -XAxisTitleText $ranges.XTitle -YAxisTitleText $ranges.YTitle -YAxisNumberformat '0E+00' `
                        -Row 1 -Column ($sheet.Columns.Count + 1) -Width 640 -Height 440 -PassThru
                    if ($chart -and $sheet.Chart.Logarithmic) { $chart.YAxis.LogBase = 10 }
                }
            }
            Close-ExcelPackage -ExcelPackage $package
            $package = $null
        }
        finally {
            if ($null -ne $package) { Close-ExcelPackage -ExcelPackage $package -NoSave }
        }
        """;

    /// <summary>The module to write with; null where there is none.</summary>
    public static PSModuleInfo? FindModule(CommandInvocationIntrinsics invoke) =>
        Invoke(invoke, FindScript).Select(found => found.BaseObject).OfType<PSModuleInfo>().FirstOrDefault();

    /// <summary>Writes the file.</summary>
    /// <exception cref="RuntimeException">ImportExcel failed.</exception>
    /// <exception cref="IOException">It wrote no file.</exception>
    public static void Write(CommandInvocationIntrinsics invoke, PSModuleInfo module, string path, IReadOnlyList<Sheet> sheets)
    {
        Invoke(invoke, WriteScript, module, path, sheets.Select(ToScript).ToArray());
        if (!File.Exists(path))
        {
            throw new FileNotFoundException("it wrote no file.", path);
        }
    }

    private static Collection<PSObject> Invoke(CommandInvocationIntrinsics invoke, string script, params object[] arguments) =>
        invoke.InvokeScript(useLocalScope: true, invoke.NewScriptBlock(script), input: null, arguments);

    private static PSObject ToScript(Sheet sheet)
    {
        var result = PSObject.AsPSObject(sheet);
        result.Properties.Add(new PSNoteProperty("Table", ToTable(sheet)));
        result.Properties.Add(new PSNoteProperty("BlankCells", BlankCells(sheet)));
        result.Properties.Add(new PSNoteProperty("FormattedLines", FormattedLines(sheet)));
        result.Properties.Add(new PSNoteProperty("ChartRanges", ChartRanges(sheet)));
        return result;
    }

    private static DataTable ToTable(Sheet sheet)
    {
        var table = new DataTable(sheet.Name) { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var column in sheet.Columns)
        {
            table.Columns.Add(column.Header, typeof(object));
        }

        foreach (var row in sheet.Rows)
        {
            table.Rows.Add([.. row.Select(value => value ?? DBNull.Value)]);
        }

        return table;
    }

    // The table has DBNull there, which is not the same as nothing once it is in a cell.
    private static string[] BlankCells(Sheet sheet) =>
    [
        .. from row in Enumerable.Range(0, sheet.Rows.Count)
           from column in Enumerable.Range(0, sheet.Columns.Count)
           where sheet.Rows[row][column] is null
           select Sheet.Address(row + 1, column),
    ];

    // Line by line, from the second column on: the first has names.
    private static object[] FormattedLines(Sheet sheet) =>
    [
        .. (sheet.LineFormats ?? []).Select((format, line) => (format, line)).Where(pair => pair.format is not null).Select(pair => new
        {
            Range = Sheet.Address(pair.line + 1, 1),
            NumberFormat = pair.format,
        }),
    ];

    private static object? ChartRanges(Sheet sheet) => sheet.Chart is not { } chart ? null : new
    {
        X = chart.Series.Select(series => sheet.Range(chart.XColumn, series.FirstLine, series.Count)).ToArray(),
        Y = chart.Series.Select(series => sheet.Range(chart.YColumn, series.FirstLine, series.Count)).ToArray(),
        Name = chart.Series.Select(series => series.Name).ToArray(),
        XTitle = sheet.Columns[chart.XColumn].Header,
        YTitle = sheet.Columns[chart.YColumn].Header,
    };
}
