using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Untrusted;

namespace OneComp.Quantization.Settings;

/// <summary>
/// Quantizers as data: the method's name and each setting by its name, as the objects have them. What is read is checked as strictly as if it
/// were typed, and holds data only: <see cref="AutoBit.AutoBitQuantizer.SavePath"/>, which names a file that would be replaced, is no part of it.
/// </summary>
public static class QuantizerSettings
{
    /// <summary>The key of the method.</summary>
    public const string Method = "Method";

    private const int MaxDepth = 16;

    /// <summary>The settings as JSON, Method first.</summary>
    public static JsonObject ToJson(Quantizer quantizer)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        return (JsonObject)JsonSerializer.SerializeToNode(quantizer, QuantizerJson.Options)!;
    }

    /// <summary>The quantizer of settings.</summary>
    /// <param name="json">An object with a Method.</param>
    /// <param name="subject">Where the settings come from, for messages.</param>
    /// <exception cref="QuantizerSettingsException">The method or a setting is not known, or a value is of another type.</exception>
    /// <exception cref="QuantizerOptionsException">Settings are out of range; all are listed.</exception>
    public static Quantizer FromJson(JsonNode? json, string subject)
    {
        try
        {
            RequireNoNulls(json);
            var quantizer = JsonSerializer.Deserialize<Quantizer>(json, QuantizerJson.Options)
                ?? throw new QuantizerSettingsException(QuantizerSettingsError.NotData, subject, $"{subject} holds no settings; an object with a {Method} is expected.");
            quantizer.Validate();
            return quantizer;
        }
        catch (JsonException exception)
        {
            throw new QuantizerSettingsException(QuantizerSettingsError.ValueInvalid, subject, $"{subject}: {Describe(exception)}", exception);
        }
    }

    /// <summary>The quantizer of a JSON text.</summary>
    /// <param name="text">UTF-8, comments and trailing commas allowed.</param>
    /// <param name="subject">Where the text comes from, for messages.</param>
    /// <exception cref="QuantizerSettingsException">As <see cref="FromJson"/>, and NotData.</exception>
    /// <exception cref="QuantizerOptionsException">Settings are out of range; all are listed.</exception>
    public static Quantizer Parse(ReadOnlySpan<byte> text, string subject)
    {
        JsonNode? json;
        try
        {
            json = StrictJson.Parse(text, MaxDepth, lenient: true);
        }
        catch (JsonException exception)
        {
            throw new QuantizerSettingsException(QuantizerSettingsError.NotData, subject, $"{subject} is not JSON: {exception.Message}", exception);
        }

        return FromJson(json, subject);
    }

    /// <summary>A copy with other settings.</summary>
    /// <param name="quantizer">Stays as it is.</param>
    /// <param name="changes">
    /// Settings by name, whatever their case; those of <see cref="LayerSelection"/> by their own names. Null sets a setting back to its default.
    /// </param>
    /// <exception cref="QuantizerSettingsException">A setting is not known, or a value is of another type.</exception>
    /// <exception cref="QuantizerOptionsException">Settings are out of range; all are listed.</exception>
    public static Quantizer With(Quantizer quantizer, JsonObject changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var settings = ToJson(quantizer);
        foreach (var (name, value) in changes)
        {
            if (name.Equals(Method, StringComparison.OrdinalIgnoreCase))
            {
                throw new QuantizerSettingsException(QuantizerSettingsError.SettingUnknown, name, $"{Method} cannot be changed; make another quantizer with New-GptqQuantizer, New-RtnQuantizer, New-DbfQuantizer or New-AutoBitQuantizer.");
            }

            var place = QuantizerJson.IsOfSelection(name) ? (JsonObject)settings[nameof(Quantizer.Selection)]! : settings;
            var (there, old) = place.FirstOrDefault(known => known.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (there is not null)
            {
                place.Remove(there);
            }

            if (value is not null)
            {
                place[name] = old is JsonArray && value is not JsonArray ? new JsonArray(value.DeepClone()) : value.DeepClone(); // one for a list is a list of one
            }
            else
            {
                QuantizerJson.RequireKnown(place == settings ? quantizer.GetType() : typeof(LayerSelection), name, quantizer.Name);
            }
        }

        var changed = FromJson(settings, quantizer.Name);
        return changed is AutoBit.AutoBitQuantizer copy && quantizer is AutoBit.AutoBitQuantizer { SavePath: { } path } ? copy with { SavePath = path } : changed;
    }

    // Nullable annotations hold for settings, but not within lists.
    private static void RequireNoNulls(JsonNode? json)
    {
        switch (json)
        {
            case JsonObject settings:
                foreach (var (_, value) in settings)
                {
                    RequireNoNulls(value);
                }

                break;
            case JsonArray list when list.Any(item => item is null):
                throw new JsonException("A list holds null.");
            case JsonArray list:
                foreach (var item in list)
                {
                    RequireNoNulls(item);
                }

                break;
            default:
                break;
        }
    }

    private static string Describe(JsonException exception) =>
        exception.Path is { Length: > 2 } path ? $"{path[2..]} has a value of another kind than the setting's. {exception.Message}" : exception.Message;
}
