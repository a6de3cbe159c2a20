using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Records;

/// <summary>README.md of an output folder: source, recipe, assignment, perplexity where it was measured, and how to serve it.</summary>
internal static class ModelCard
{
    /// <summary>Keeps the source's card beside ours: under its own name it would be taken for this model's.</summary>
    /// <param name="source">The source's folder.</param>
    /// <param name="destination">The output's folder.</param>
    public static void KeepSourceCard(string source, string destination)
    {
        var card = Path.Combine(source, FileNames.Card);
        if (RunRecord.Read(source) is null && File.Exists(card) && FolderLinks.IsAllowed(source, card)) // a folder with a record has a card of ours, which speaks of that folder
        {
            FileWriting.Copy(card, Path.Combine(destination, FileNames.SourceCard), overwrite: true);
        }
    }

    /// <summary>Writes the card.</summary>
    /// <param name="folder">The output's folder.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="method">The form: a quant_method, gguf, or none.</param>
    /// <param name="record">What made it.</param>
    public static void Write(string folder, string name, string? method, RunRecord record)
    {
        var path = Path.Combine(folder, FileNames.Card);
        FileWriting.Replace(path, Encoding.UTF8.GetBytes(Text(name, method, record, File.Exists(Path.Combine(folder, FileNames.SourceCard)))));
    }

    /// <summary>The card's text.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="method">The form: a quant_method, gguf, or none.</param>
    /// <param name="record">What made it.</param>
    /// <param name="hasSourceCard">Whether the source's card lies beside it.</param>
    public static string Text(string name, string? method, RunRecord record, bool hasSourceCard)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"---\ntags:\n- onecomp\n- {method ?? "dequantized"}\n---\n\n# {name}\n\n");
        AppendSource(text, hasSourceCard, record);
        AppendRecipe(text, record);
        AppendAssignment(text, record);
        AppendEvaluations(text, record);
        text.Append("## How to serve\n\n").Append(Serving.Of(method, name)).Append('\n');
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void AppendSource(StringBuilder text, bool hasSourceCard, RunRecord record)
    {
        var source = record.Run.Field("settings").Field("Model").AsText() ?? record.Export.Field("settings").Field("Model").AsText();
        text.Append(CultureInfo.InvariantCulture, $"Quantized from `{LastName(source)}` with OneComp.PowerShell {(record.Run ?? record.Export).Field("versions").Field("onecomp").AsText()}.\n");
        text.Append("`onecomp.json` holds every setting, the versions and a SHA-256 of each file");
        text.Append(hasSourceCard ? ", `README.source.md` the source model's card.\n\n" : ".\n\n");
    }

    private static void AppendRecipe(StringBuilder text, RunRecord record)
    {
        text.Append("## Recipe\n\n| setting | value |\n|---|---|\n");
        foreach (var (name, value) in (record.Run.Field("settings") as JsonObject ?? []).Concat(record.Export.Field("settings") as JsonObject ?? []))
        {
            if (value is not null && name is not ("Destination" or "Model" or "Force"))
            {
                text.Append(CultureInfo.InvariantCulture, $"| {name} | {Cell(value)} |\n");
            }
        }

        text.Append('\n');
    }

    private static void AppendAssignment(StringBuilder text, RunRecord record)
    {
        var rows = record.Assignment.OfType<JsonObject>().ToList();
        if (rows.Count == 0)
        {
            return;
        }

        var total = rows.Sum(row => Number(row["parameters"]));
        text.Append(CultureInfo.InvariantCulture, $"## Assignment\n\n{rows.Count} layers of {total / 1e6:0.###} million weights at {rows.Sum(row => Number(row["effective_bits"]) * Number(row["parameters"])) / total:0.####} bits per weight, scales and zero points counted.\n\n");
        text.Append("| quantizer | layers | share of weights |\n|---|---:|---:|\n");
        foreach (var group in rows.GroupBy(row => row["quantizer"].AsText() ?? "").OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {group.Count()} | {100 * group.Sum(row => Number(row["parameters"])) / total:0.0} % |\n");
        }

        text.Append('\n');
    }

    private static void AppendEvaluations(StringBuilder text, RunRecord record)
    {
        text.Append("## Perplexity\n\n");
        if (record.Evaluations.Count == 0)
        {
            text.Append("Not measured. `Measure-OneCompPerplexity <folder> <text> -UpdateModelCard` adds it here.\n\n");
            return;
        }

        text.Append("| text | windows | tokens | perplexity |\n|---|---:|---:|---:|\n");
        foreach (var entry in record.Evaluations.OfType<JsonObject>())
        {
            text.Append(CultureInfo.InvariantCulture, $"| {LastName(entry["text"].AsText())} | {entry["windows"]} x {entry["max_length"]}, stride {entry["stride"]} | {entry["tokens"]} | {Number(entry["perplexity"]):0.####} |\n");
        }

        text.Append('\n');
    }

    // A record may have been written by others: what is no number counts as none.
    private static double Number(JsonNode? node) => node.AsNumber() ?? 0;

    // A path says where the model lay on the machine that made it; the name is what others know it by.
    private static string LastName(string? path) => path is null ? "an unknown model" : path.TrimEnd('/', '\\').Split('/', '\\')[^1];

    private static string Cell(JsonNode value) => value switch
    {
        JsonObject fields when fields["Name"].AsText() is { } name => $"`{name}`",
        JsonArray list => string.Join(", ", list.Select(item => item is null ? "" : Cell(item))),
        JsonObject => $"`{value.ToJsonString()}`",
        _ => value.ToString() is var plain && (plain.Contains('/') || plain.Contains('\\')) ? LastName(plain) : plain.Replace("|", "\\|", StringComparison.Ordinal),
    };
}
