using System.Text.Json.Nodes;
using OneComp.Records;

namespace OneComp.Pipeline.Resuming;

/// <summary>The settings that must not change while a run is unfinished: all but those marked free, and the versions of the program.</summary>
internal static class RunSettings
{
    private const int MostNamed = 5;

    /// <summary>The fixed settings as JSON.</summary>
    public static JsonObject Of(QuantizationOptions options)
    {
        var settings = (JsonObject)SettingsJson.FixedOf(options)!;
        settings["Versions"] = RunRecord.Versions();
        return settings;
    }

    /// <summary>Holds settings against those that a run was begun with.</summary>
    /// <exception cref="RunException">SettingChanged: names each, with both values.</exception>
    public static void RequireSame(JsonObject then, JsonObject now, string destination)
    {
        var (before, after) = (Flat(then), Flat(now));
        var changed = before.Keys.Union(after.Keys)
            .Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (changed.Count > 0)
        {
            var named = changed.Take(MostNamed).Select(name => $"{name} was {Show(before, name)} and is {Show(after, name)} now");
            var more = changed.Count > MostNamed ? $" ({changed.Count - MostNamed} more)" : "";
            throw new RunException(RunError.SettingChanged, changed[0], $"The unfinished run at '{destination}' was begun with other settings: {string.Join("; ", named)}{more}. Give those it was begun with, or start anew with -Force and without -Resume.");
        }
    }

    private static string Show(Dictionary<string, string> settings, string name) => settings.GetValueOrDefault(name, "not there");

    private static Dictionary<string, string> Flat(JsonObject settings)
    {
        var flat = new Dictionary<string, string>();
        Add("", settings);
        return flat;

        void Add(string name, JsonNode? value)
        {
            switch (value)
            {
                case JsonObject fields:
                    foreach (var (field, inner) in fields)
                    {
                        Add(name.Length == 0 ? field : $"{name}.{field}", inner);
                    }

                    break;
                case JsonArray { Count: > 0 } list:
                    for (var i = 0; i < list.Count; i++)
                    {
                        Add($"{name}[{i}]", list[i]);
                    }

                    break;
                default:
                    flat[name] = value?.ToJsonString() ?? "not set";
                    break;
            }
        }
    }
}
