using OneComp.Models;

namespace OneComp.Quantization;

/// <summary>
/// Which linear layers a quantizer takes. Rules apply in this order: layer type, include names, include keywords,
/// exclude names, exclude keywords, and the first <see cref="NumLayers"/> of what is left.
/// </summary>
public sealed record LayerSelection
{
    /// <summary>The only layer type that is quantized.</summary>
    public const string LinearType = "Linear";

    /// <summary>Stop after this many layers; null for all.</summary>
    public int? NumLayers { get; init; }

    /// <summary>Full names to take; empty for all.</summary>
    public IReadOnlyList<string> IncludeLayerNames
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>Parts of names to take, any of them; empty for all.</summary>
    public IReadOnlyList<string> IncludeLayerKeywords
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>Full names to leave as they are.</summary>
    public IReadOnlyList<string> ExcludeLayerNames
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Of(["lm_head"]);

    /// <summary>Parts of names to leave as they are.</summary>
    public IReadOnlyList<string> ExcludeLayerKeywords
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>Layer types to take.</summary>
    public IReadOnlyList<string> TargetLayerTypes
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Of([LinearType]);

    /// <summary>The layers taken, in model order.</summary>
    public IReadOnlyList<LinearLayer> Select(IEnumerable<LinearLayer> layers) =>
        [.. layers.Where(Takes).Take(NumLayers ?? int.MaxValue)];

    /// <summary>True when the rules, apart from <see cref="NumLayers"/>, take the layer.</summary>
    public bool Takes(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return TargetLayerTypes.Contains(LinearType, StringComparer.OrdinalIgnoreCase)
            && (IncludeLayerNames.Count == 0 || IncludeLayerNames.Contains(layer.Name))
            && (IncludeLayerKeywords.Count == 0 || IncludeLayerKeywords.Any(HasKeyword))
            && !ExcludeLayerNames.Contains(layer.Name)
            && !ExcludeLayerKeywords.Any(HasKeyword);

        bool HasKeyword(string keyword) => layer.Name.Contains(keyword, StringComparison.Ordinal);
    }

    internal void Check(FaultList faults)
    {
        if (NumLayers is < 1)
        {
            faults.Add(nameof(NumLayers), $"{NumLayers} is less than 1");
        }

        foreach (var type in TargetLayerTypes.Where(type => !type.Equals(LinearType, StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add(nameof(TargetLayerTypes), $"'{type}' is not a layer type that can be quantized (known: {LinearType})");
        }

        CheckNoEmpty(nameof(IncludeLayerNames), IncludeLayerNames, faults);
        CheckNoEmpty(nameof(IncludeLayerKeywords), IncludeLayerKeywords, faults);
        CheckNoEmpty(nameof(ExcludeLayerNames), ExcludeLayerNames, faults);
        CheckNoEmpty(nameof(ExcludeLayerKeywords), ExcludeLayerKeywords, faults);
    }

    private static void CheckNoEmpty(string parameter, IReadOnlyList<string> values, FaultList faults)
    {
        if (values.Any(string.IsNullOrEmpty))
        {
            faults.Add(parameter, "holds an empty name");
        }
    }
}
