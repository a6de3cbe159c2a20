using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Formats.CompressedTensors;

/// <summary>
/// The config groups of a compressed-tensors checkpoint: which scheme each module has. A target is a module's name, a pattern
/// after <c>re:</c>, or the class <c>Linear</c>; names count before patterns, and those before the class.
/// </summary>
internal sealed class PackedSchemes
{
    private const string Class = "Linear";
    private const string PatternMark = "re:";
    private const string Format = "pack-quantized";
    private const int LongestPattern = 1000;
    private const int MostPatterns = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, GroupScheme> _byName = [];
    private readonly List<(Regex Pattern, GroupScheme Scheme)> _byPattern = [];
    private GroupScheme? _ofClass;

    /// <summary>The scheme of a layer; null where no group targets it.</summary>
    public GroupScheme? For(LinearLayer layer) => _byName.TryGetValue(layer.Name, out var scheme)
        ? scheme
        : _byPattern.Where(rule => rule.Pattern.Match(layer.Name) is { Success: true, Index: 0 }).Select(rule => rule.Scheme).FirstOrDefault() ?? _ofClass;

    /// <summary>Reads a quantization_config.</summary>
    /// <exception cref="QuantizedFormatException">It is of another format than pack-quantized, or a group cannot be understood.</exception>
    public static PackedSchemes Read(JsonObject config, string folder)
    {
        var schemes = new PackedSchemes();
        if (Text(config["format"]) is var format && format != Format)
        {
            throw Unknown(folder, $"compressed-tensors with the format '{format ?? "(none)"}'; {Format} is read");
        }

        foreach (var (name, value) in config["config_groups"] as JsonObject ?? throw Unknown(folder, "compressed-tensors without config_groups"))
        {
            var group = value as JsonObject ?? throw Unknown(folder, $"a config group '{name}' that is no object");
            schemes.Add(group, SchemeOf(group, name, folder), folder);
        }

        return schemes;
    }

    private void Add(JsonObject group, GroupScheme scheme, string folder)
    {
        foreach (var target in (group["targets"] as JsonArray ?? []).Select(Text).OfType<string>())
        {
            if (target == Class)
            {
                _ofClass = scheme;
            }
            else if (target.StartsWith(PatternMark, StringComparison.Ordinal))
            {
                Add(target[PatternMark.Length..], scheme, folder);
            }
            else
            {
                _byName[target] = scheme;
            }
        }
    }

    // The pattern is not trusted: what does not need to go back takes time in proportion to the name alone.
    private static Regex PatternOf(string pattern, string folder)
    {
        try
        {
            return pattern.Length <= LongestPattern
                ? new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Patience)
                : throw Unknown(folder, $"compressed-tensors with a target pattern of {pattern.Length} characters; {LongestPattern} are read at most");
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw Unknown(folder, $"compressed-tensors with the target pattern {Quoted.Text(pattern)}, which is not read ({exception.Message.TrimEnd('.')})");
        }
    }

    // Each takes a megabyte to be made ready. Of one that comes twice the first counts, as it would be found first.
    private void Add(string pattern, GroupScheme scheme, string folder)
    {
        if (_byPattern.Exists(rule => rule.Pattern.ToString() == pattern))
        {
            return;
        }

        if (_byPattern.Count == MostPatterns)
        {
            throw Unknown(folder, $"compressed-tensors with over {MostPatterns} target patterns");
        }

        _byPattern.Add((PatternOf(pattern, folder), scheme));
    }

    private static GroupScheme SchemeOf(JsonObject group, string name, string folder)
    {
        if (group["input_activations"] is not null)
        {
            throw Unknown(folder, $"a config group '{name}' with quantized activations");
        }

        var weights = group["weights"] as JsonObject ?? throw Unknown(folder, $"a config group '{name}' without weights");
        var strategy = Text(weights["strategy"]);
        var bits = Number(weights["num_bits"]);
        var size = strategy switch
        {
            "channel" => -1,
            "group" => Number(weights["group_size"]),
            _ => null,
        };
        if (bits is < 2 or > 8 or null || size is 0 or < -1 or null || Text(weights["type"]) is not (null or "int"))
        {
            throw Unknown(folder, $"a config group '{name}' of num_bits {weights["num_bits"]}, type {weights["type"]}, strategy {strategy}, group_size {weights["group_size"]}; integers of 2 to 8 bits by group or channel are read");
        }

        return new GroupScheme(bits.Value, size.Value, weights["symmetric"] is not JsonValue flag || !flag.TryGetValue(out bool symmetric) || symmetric);
    }

    private static QuantizedFormatException Unknown(string folder, string what) =>
        new(QuantizedFormatError.UnknownMethod, folder, $"{folder}: quantized by {what}.");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out int number) ? number : null;
}
