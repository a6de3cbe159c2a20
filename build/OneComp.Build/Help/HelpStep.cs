using System.Text;
using System.Xml.Linq;

namespace OneComp.Build.Help;

/// <summary>Build step: makes the module's help files from the Markdown pages, and says where a cmdlet or parameter has no text.</summary>
public static class HelpStep
{
    private const int FewestExamples = 2;

    /// <summary>
    /// Writes OneComp.Cmdlets.dll-Help.xml and the about topics. A cmdlet or parameter without text is a warning, which a test turns into a
    /// failure: so a cmdlet can be tried before its page is written.
    /// </summary>
    /// <param name="pages">Folder of the Markdown pages.</param>
    /// <param name="assembly">The cmdlets' assembly.</param>
    /// <param name="output">Folder of the help files.</param>
    /// <param name="error">Hears of every fault, as MSBuild reads them.</param>
    /// <returns>0, or 1 where a page cannot be read.</returns>
    public static int Run(string pages, string assembly, string output, TextWriter error)
    {
        var faults = 0;
        void Fault(string file, string what)
        {
            faults++;
            error.WriteLine($"{file} : error OC0002: {what}");
        }

        void Lack(string file, string what) => error.WriteLine($"{file} : warning OC0003: {what}");

        var cmdlets = new List<(CmdletShape, HelpPage)>();
        foreach (var shape in CmdletShapes.Read(assembly))
        {
            var file = Path.Combine(pages, shape.Name + ".md");
            if (!File.Exists(file))
            {
                Lack(file, $"{shape.Name} has no help page");
            }
            else if (Try(() => HelpPageReader.Read(File.ReadAllText(file)), what => Fault(file, what)) is { } page)
            {
                FaultsOf(shape, page).ToList().ForEach(what => Lack(file, what));
                cmdlets.Add((shape, page));
            }
        }

        var topics = Directory.GetFiles(pages, "about_*.md").Order(StringComparer.Ordinal)
            .Select(file => (File: file, Text: Try(() => AboutWriter.Write(File.ReadAllText(file)), what => Fault(file, what)))).ToList();
        if (faults > 0)
        {
            return 1;
        }

        Directory.CreateDirectory(output);
        Save(Path.Combine(output, Path.GetFileName(assembly) + "-Help.xml"), MamlWriter.Write(cmdlets));
        foreach (var (file, text) in topics)
        {
            File.WriteAllText(Path.Combine(output, Path.GetFileNameWithoutExtension(file) + ".help.txt"), text);
        }

        return 0;
    }

    /// <summary>What a page lacks of its cmdlet, or has too much.</summary>
    public static IEnumerable<string> FaultsOf(CmdletShape shape, HelpPage page)
    {
        if (page.Name != shape.Name)
        {
            yield return $"its title is '{page.Name}'; '{shape.Name}' is expected";
        }

        var own = shape.Parameters.Select(parameter => parameter.Name).Except(["WhatIf", "Confirm"]).ToList();
        foreach (var name in own.Where(name => !page.Parameters.ContainsKey(name)))
        {
            yield return $"parameter -{name} has no text";
        }

        foreach (var name in page.Parameters.Keys.Except(own))
        {
            yield return $"{shape.Name} has no parameter -{name}";
        }

        if (page.Examples.Count < FewestExamples)
        {
            yield return $"it has {page.Examples.Count} examples; at least {FewestExamples} are expected";
        }
    }

    private static T? Try<T>(Func<T> read, Action<string> fault)
        where T : class
    {
        try
        {
            return read();
        }
        catch (FormatException exception)
        {
            fault(exception.Message);
            return null;
        }
    }

    private static void Save(string file, XDocument document)
    {
        using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false));
        document.Save(writer);
    }
}
