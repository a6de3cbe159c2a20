namespace OneComp.Quantization.AutoBit;

/// <summary>
/// The linear relaxation of the choice, solved by greed on the units' lower convex hulls (Sinha and Zoltners 1979): a price per
/// bit, a bound that no choice within the budget can beat, and a choice close to it.
/// </summary>
internal sealed class LagrangianBound
{
    private readonly double[] _least;

    private LagrangianBound(double price, double bound, double[] least, int[] choice)
    {
        Price = price;
        Bound = bound;
        _least = least;
        Choice = choice;
    }

    /// <summary>λ, cost per bit.</summary>
    public double Price { get; }

    /// <summary>Σ_u min_k (c + λ·w) - λ·budget, which every choice within the budget costs at least.</summary>
    public double Bound { get; }

    /// <summary>A choice within the budget, an option's index for each unit.</summary>
    public int[] Choice { get; }

    /// <summary>Solves the relaxation.</summary>
    /// <param name="units">The units.</param>
    /// <param name="budget">Bits; the units' first options fit in.</param>
    public static LagrangianBound Of(IReadOnlyList<ChoiceUnit> units, long budget)
    {
        var steps = units
            .SelectMany((unit, u) => HullSteps(unit, u))
            .OrderByDescending(step => step.Gain)
            .ThenBy(step => step.To) // of a unit's equal gains, in order
            .ToList();
        var choice = new int[units.Count];
        var left = budget - units.Sum(unit => unit.Options[0].Bits);
        double? price = null;
        var stuck = new bool[units.Count];
        foreach (var step in steps)
        {
            if (stuck[step.Unit])
            {
                continue;
            }

            if (step.Bits <= left)
            {
                left -= step.Bits;
                choice[step.Unit] = step.To;
            }
            else
            {
                price ??= step.Gain;        // the first step that does not fit sets the price; later ones only fill up
                stuck[step.Unit] = true;
            }
        }

        var lambda = price ?? 0;
        var least = units.Select(unit => unit.Options.Min(option => option.Cost + (lambda * option.Bits))).ToArray();
        return new LagrangianBound(lambda, least.Sum() - (lambda * budget), least, choice);
    }

    /// <summary>What a choice with this option costs at least above <see cref="Bound"/>.</summary>
    public double Excess(int unit, ChoiceOption option) => option.Cost + (Price * option.Bits) - _least[unit];

    private static IEnumerable<Step> HullSteps(ChoiceUnit unit, int index)
    {
        for (var from = 0; from < unit.Options.Count - 1;)
        {
            var start = unit.Options[from];
            var to = Enumerable.Range(from + 1, unit.Options.Count - from - 1).MaxBy(k => Gain(start, unit.Options[k]));
            yield return new Step(index, to, unit.Options[to].Bits - start.Bits, Gain(start, unit.Options[to]));
            from = to;
        }
    }

    private static double Gain(ChoiceOption from, ChoiceOption to) => (from.Cost - to.Cost) / (to.Bits - from.Bits);

    private readonly record struct Step(int Unit, int To, long Bits, double Gain);
}
