using System.Globalization;
using System.Text;
using System.Xml;

namespace OneComp.Reports;

/// <summary>Reads the cells of a worksheet, and the texts that sheets share, as their XML goes by (ECMA-376, 18.3 and 18.4).</summary>
internal static class SheetReader
{
    private const int MostTexts = 1_000_000;

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true };

    /// <summary>The shared texts in their order.</summary>
    /// <exception cref="OversizeException">There are more than a plan can have.</exception>
    /// <exception cref="XmlException">It is no XML.</exception>
    public static List<string> SharedTexts(Stream part)
    {
        using var reader = XmlReader.Create(part, Settings);
        var texts = new List<string>();
        while (reader.Read())
        {
            if (IsElement(reader, "si"))
            {
                texts.Add(TextIn(reader, "si"));
                if (texts.Count > MostTexts)
                {
                    throw new OversizeException($"over {MostTexts} shared texts");
                }
            }
        }

        return texts;
    }

    /// <summary>The lines that hold any text, each with its cells by column from 0.</summary>
    /// <exception cref="FormatException">A cell cannot be placed or read.</exception>
    /// <exception cref="OversizeException">There are more lines than a plan can have.</exception>
    /// <exception cref="XmlException">It is no XML.</exception>
    public static List<Dictionary<int, string>> Lines(Stream part, List<string> shared)
    {
        using var reader = XmlReader.Create(part, Settings);
        var lines = new List<Dictionary<int, string>>();
        var line = new Dictionary<int, string>();
        var next = 0;
        while (reader.Read())
        {
            if (IsElement(reader, "row"))
            {
                Add();
            }
            else if (IsElement(reader, "c"))
            {
                var reference = reader.GetAttribute("r");
                var column = reference is null ? next : ColumnOf(reference);
                if (column >= AssignmentImport.MostColumns)
                {
                    throw Outside(reference ?? "without a reference");
                }

                line[column] = CellText(reader, reference, reader.GetAttribute("t"), shared);
                next = column + 1;
            }
        }

        Add();
        return lines;

        void Add()
        {
            if (line.Values.Any(text => text.Length > 0))
            {
                lines.Add(line);
                AssignmentImport.RequireSize(0, lines.Count - 1);
                line = [];
            }

            line.Clear();
            next = 0;
        }
    }

    private static string CellText(XmlReader reader, string? reference, string? type, List<string> shared)
    {
        string? value = null, inline = null;
        var formula = false;
        if (!reader.IsEmptyElement)
        {
            var depth = reader.Depth;
            while (reader.Read() && reader.Depth > depth)
            {
                if (IsElement(reader, "f"))
                {
                    formula = true;
                }
                else if (IsElement(reader, "v"))
                {
                    value = TextIn(reader, "v");
                }
                else if (IsElement(reader, "is"))
                {
                    inline = TextIn(reader, "is");
                }
            }
        }

        return formula && value is null ? throw new FormatException($"cell {reference} is a formula without a saved value; open and save the file in a spreadsheet program, or write the value.")
            : type == "inlineStr" ? inline ?? ""
            : type != "s" ? value ?? ""
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < shared.Count ? shared[index]
            : throw new FormatException($"cell {reference} names a shared text that is not there.");
    }

    /// <summary>The text of a value, or of all runs of a text; what is said of its sound (rPh) is no part of it.</summary>
    private static string TextIn(XmlReader reader, string element)
    {
        if (reader.IsEmptyElement)
        {
            return "";
        }

        var (text, depth) = (new StringBuilder(), reader.Depth);
        var (inText, sound) = (element == "v", -1); // sound: how deep the rPh lies that we are in
        while (reader.Read() && reader.Depth > depth)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when sound < 0 && !reader.IsEmptyElement:
                    sound = reader.LocalName == "rPh" ? reader.Depth : -1;
                    inText = element == "v" || reader.LocalName == "t";
                    break;
                case XmlNodeType.EndElement:
                    sound = reader.Depth == sound ? -1 : sound;
                    inText = element == "v";
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace when inText && sound < 0:
                    text.Append(reader.Value);
                    break;
                default:
                    break;
            }
        }

        return text.ToString();
    }

    private static int ColumnOf(string reference)
    {
        var column = 0;
        foreach (var letter in reference.TakeWhile(char.IsAsciiLetter))
        {
            column = (column * 26) + char.ToUpperInvariant(letter) - 'A' + 1;
            if (column > AssignmentImport.MostColumns)
            {
                break;
            }
        }

        return column is >= 1 and <= AssignmentImport.MostColumns ? column - 1 : throw Outside(reference);
    }

    private static FormatException Outside(string reference) => new($"cell {reference} lies outside the {AssignmentImport.MostColumns} columns that are read.");

    private static bool IsElement(XmlReader reader, string name) => reader.NodeType == XmlNodeType.Element && reader.LocalName == name;
}
