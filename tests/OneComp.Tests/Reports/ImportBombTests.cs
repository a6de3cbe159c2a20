using System.IO.Compression;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

/// <summary>Small files that would become large plans.</summary>
public sealed class ImportBombTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_workbook_that_unpacks_to_a_thousandfold_is_refused()
    {
        var path = Workbook();
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using var part = archive.CreateEntry("xl/media/filler.bin", CompressionLevel.Fastest).Open();
            var piece = new byte[1 << 20];
            for (var i = 0; i <= 256; i++)
            {
                part.Write(piece);
            }
        }

        Assert.InRange(new FileInfo(path).Length, 1, 4 << 20);
        Refused(ImportError.TooLarge, path, "268435456 bytes once unpacked");
    }

    [Fact]
    public void So_is_one_of_more_parts_than_any_has()
    {
        var path = Workbook();
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            for (var i = 0; i < 1100; i++)
            {
                archive.CreateEntry($"x{i}");
            }
        }

        Refused(ImportError.TooLarge, path, "1000 are read at most");
    }

    [Fact]
    public void A_sheet_of_more_lines_than_a_plan_is_refused()
    {
        var path = WithSheets("<worksheet><sheetData>" + string.Concat(Enumerable.Repeat("<row><c><v>1</v></c></row>", 200_010)) + "</sheetData></worksheet>");
        Refused(ImportError.TooLarge, path, "rows; 200000 are read at most");
    }

    [Fact]
    public void Entities_of_xml_are_not_expanded()
    {
        var path = WithSheets("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>");
        Refused(ImportError.Malformed, path, "DTD");
    }

    [Theory]
    [InlineData("plan.csv")]
    [InlineData("plan.json")]
    public void Headers_are_bounded_before_rows_are_filled_up_to_them(string name)
    {
        var path = _folder.File(name);
        File.WriteAllText(path, name.EndsWith("csv", StringComparison.Ordinal)
            ? string.Join(',', Enumerable.Range(0, 100_000)) + "\n" + string.Concat(Enumerable.Repeat("1\n", 100_000))
            : "[" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"{{\"h{i}\":1}}")) + "]");
        Refused(ImportError.TooLarge, path, "over 256 columns");
    }

    private string WithSheets(string xml)
    {
        var path = Workbook();
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        foreach (var name in archive.Entries.Select(entry => entry.FullName).Where(name => name.Contains("worksheets/", StringComparison.Ordinal) && name.EndsWith(".xml", StringComparison.Ordinal)).ToList())
        {
            archive.GetEntry(name)!.Delete();
            using var text = new StreamWriter(archive.CreateEntry(name, CompressionLevel.Fastest).Open());
            text.Write(xml);
        }

        return path;
    }

    private string Workbook()
    {
        var path = _folder.File("plan.xlsx");
        AssignmentFile.Write(path, new AssignmentReport(SamplePlan.Rows(1)), force: true);
        return path;
    }

    private static void Refused(ImportError expected, string path, string message)
    {
        var error = Assert.Throws<ImportException>(() => AssignmentImport.Read(path));
        Assert.True(error.Error == expected, error.Message);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
