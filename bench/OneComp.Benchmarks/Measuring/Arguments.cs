using System.Globalization;

namespace OneComp.Benchmarks.Measuring;

/// <summary>What follows a subcommand: <c>--name value</c> pairs and flags.</summary>
internal sealed class Arguments(string[] args)
{
    public string Text(string name, string absent)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : absent;
    }

    public int Whole(string name, int absent) => int.Parse(Text(name, absent.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    /// <summary>These, and others where they are not given.</summary>
    public Arguments With(params string[] absent) => new([.. args, .. absent]);

    public bool Has(string name) => args.Contains(name);
}
