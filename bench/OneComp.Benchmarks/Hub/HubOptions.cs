using System.Globalization;

namespace OneComp.Benchmarks.Hub;

/// <summary>How much to download, how often to kill, and where.</summary>
internal sealed record HubOptions(long Bytes, int Kills, int Seed, string Folder, string Out)
{
    public static HubOptions Parse(ReadOnlySpan<string> args)
    {
        var given = args.ToArray();
        string Value(string name, string otherwise) => Array.IndexOf(given, name) is var at and >= 0 && at + 1 < given.Length ? given[at + 1] : otherwise;
        return new HubOptions(
            (long)(double.Parse(Value("--gb", "2"), CultureInfo.InvariantCulture) * 1e9),
            int.Parse(Value("--kills", "20"), CultureInfo.InvariantCulture),
            int.Parse(Value("--seed", "1"), CultureInfo.InvariantCulture),
            Value("--folder", Path.GetTempPath()),
            Value("--out", Path.Combine("bench", "results", "hub.json")));
    }
}
