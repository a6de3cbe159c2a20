using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OneComp.Quantization.AutoBit;

namespace OneComp.Quantization.Settings;

/// <summary>How quantizers are turned into JSON and back.</summary>
internal static class QuantizerJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>True for a setting of <see cref="LayerSelection"/>.</summary>
    public static bool IsOfSelection(string name) => Names(typeof(LayerSelection)).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of a type's settings.</summary>
    public static IEnumerable<string> Names(Type type) => Options.GetTypeInfo(type).Properties.Select(property => property.Name);

    /// <exception cref="QuantizerSettingsException">SettingUnknown.</exception>
    public static void RequireKnown(Type type, string name, string subject)
    {
        if (!Names(type).Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new QuantizerSettingsException(QuantizerSettingsError.SettingUnknown, subject, $"{subject}: there is no setting '{name}'; there are {string.Join(", ", Names(type).Order(StringComparer.Ordinal))}{(type == typeof(LayerSelection) ? "" : ", and of the selection " + string.Join(", ", Names(typeof(LayerSelection))))}.");
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNameCaseInsensitive = true,
            IgnoreReadOnlyProperties = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            AllowDuplicateProperties = false,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Choose } },
        };
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        options.Converters.Add(new RuleListConverter<int>());
        options.Converters.Add(new RuleListConverter<double>());
        options.Converters.Add(new QuantizerConverter<Quantizer>());
        options.Converters.Add(new QuantizerConverter<WeightQuantizer>());
        return options;
    }

    // A path that is written to is no setting that a file may bring; a name is one only where it was given.
    private static void Choose(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Name == nameof(AutoBitQuantizer.SavePath))
            {
                type.Properties.RemoveAt(i);
            }
            else if (type.Properties[i].Name == nameof(Quantizer.Name) && typeof(Quantizer).IsAssignableFrom(type.Type))
            {
                type.Properties[i].ShouldSerialize = (quantizer, _) => ((Quantizer)quantizer).GivenName is not null;
            }
        }
    }
}
