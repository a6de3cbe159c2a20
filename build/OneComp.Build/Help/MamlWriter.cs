using System.Globalization;
using System.Xml.Linq;

namespace OneComp.Build.Help;

/// <summary>Writes help in MAML, the XML that Get-Help reads (PowerShell docs, "Writing Help for PowerShell Cmdlets").</summary>
public static class MamlWriter
{
    private static readonly XNamespace Items = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The help of all cmdlets as one document.</summary>
    /// <param name="cmdlets">Each cmdlet with its page.</param>
    public static XDocument Write(IEnumerable<(CmdletShape Shape, HelpPage Page)> cmdlets) => new(
        new XElement(Items + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(cmdlet => Cmdlet(cmdlet.Shape, cmdlet.Page))));

    private static XElement Cmdlet(CmdletShape shape, HelpPage page) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml), new XAttribute(XNamespace.Xmlns + "command", Command), new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", shape.Name),
            new XElement(Command + "verb", shape.Name.Split('-')[0]),
            new XElement(Command + "noun", shape.Name.Split('-')[1]),
            Description([page.Synopsis])),
        Description(page.Description),
        new XElement(Command + "syntax", shape.Sets.Select(set => Syntax(shape, set))),
        new XElement(Command + "parameters", shape.Parameters.Select(parameter => Parameter(parameter, MainPlace(parameter), TextOf(parameter, page), isSyntax: false))),
        new XElement(Command + "inputTypes", page.Inputs.Select(entry => Entry("inputType", entry))),
        new XElement(Command + "returnValues", page.Outputs.Select(entry => Entry("returnValue", entry))),
        new XElement(Command + "examples", page.Examples.Select(Example)),
        new XElement(Maml + "relatedLinks", page.Links.Select(link => new XElement(Maml + "navigationLink", new XElement(Maml + "linkText", link), new XElement(Maml + "uri")))));

    private static XElement Syntax(CmdletShape shape, string set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", shape.Name),
        shape.Parameters.Select(parameter => (Parameter: parameter, Place: parameter.In(set))).Where(found => found.Place is not null)
            .OrderBy(found => found.Place!.Position ?? int.MaxValue).ThenBy(found => !found.Place!.IsRequired)
            .Select(found => Parameter(found.Parameter, found.Place!, [], isSyntax: true)));

    private static XElement Parameter(ParameterShape parameter, ParameterPlace place, IReadOnlyList<string> text, bool isSyntax) => new(
        Command + "parameter",
        new XAttribute("required", Lower(place.IsRequired)),
        new XAttribute("variableLength", Lower(parameter.Type.EndsWith("[]", StringComparison.Ordinal))),
        new XAttribute("globbing", Lower(parameter.TakesWildcards)),
        new XAttribute("pipelineInput", Pipeline(place)),
        new XAttribute("position", place.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
        new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
        new XElement(Maml + "name", parameter.Name),
        isSyntax ? null : Description(text),
        isSyntax && parameter.IsSwitch ? null : Value(parameter),
        new XElement(Dev + "type", new XElement(Maml + "name", parameter.Type)));

    private static XElement Value(ParameterShape parameter) => parameter.Values.Count > 0
        ? new XElement(Command + "parameterValueGroup", parameter.Values.Select(value => ValueElement(value, required: false)))
        : ValueElement(parameter.Type, required: !parameter.IsSwitch);

    private static XElement ValueElement(string text, bool required) =>
        new(Command + "parameterValue", new XAttribute("required", Lower(required)), new XAttribute("variableLength", "false"), text);

    private static XElement Entry(string name, HelpEntry entry) =>
        new(Command + name, new XElement(Dev + "type", new XElement(Maml + "name", entry.Name)), Description(entry.Text));

    private static XElement Example(HelpExample example, int index) => new(
        Command + "example",
        new XElement(Maml + "title", string.Create(CultureInfo.InvariantCulture, $"Example {index + 1}: {example.Title}")),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Paragraphs(example.Text)));

    private static XElement Description(IReadOnlyList<string> text) => new(Maml + "description", Paragraphs(text));

    private static IEnumerable<XElement> Paragraphs(IReadOnlyList<string> text) => text.Select(paragraph => new XElement(Maml + "para", paragraph));

    private static IReadOnlyList<string> TextOf(ParameterShape parameter, HelpPage page) => parameter.Name switch
    {
        "WhatIf" => ["Says what would be done, and does nothing."],
        "Confirm" => ["Asks before anything is done."],
        var name => page.Parameters.GetValueOrDefault(name) ?? [],
    };

    private static ParameterPlace MainPlace(ParameterShape parameter) => parameter.Places.Values.First();

    private static string Pipeline(ParameterPlace place) => (place.FromPipeline, place.FromProperty) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static string Lower(bool value) => value ? "true" : "false";
}
