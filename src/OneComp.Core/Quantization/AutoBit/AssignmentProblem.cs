namespace OneComp.Quantization.AutoBit;

/// <summary>
/// The integer program: choose one candidate k for each layer l so that Σ Cost[l,k] is least, Σ EffectiveBits[l,k]·n_l is at
/// most the budget, and layers of one fused group choose alike.
/// </summary>
/// <param name="Layers">Names, for messages.</param>
/// <param name="Parameters">n_l, weights of each layer.</param>
/// <param name="EffectiveBits">Bits per weight, [layer][candidate].</param>
/// <param name="Costs">[layer][candidate].</param>
/// <param name="Groups">Layers that must choose alike, as indices; layers in none are free.</param>
/// <param name="BudgetBits">Mean effective bits per weight that the plan may take.</param>
internal sealed record AssignmentProblem(
    IReadOnlyList<string> Layers,
    IReadOnlyList<long> Parameters,
    IReadOnlyList<double[]> EffectiveBits,
    IReadOnlyList<double[]> Costs,
    IReadOnlyList<IReadOnlyList<int>> Groups,
    double BudgetBits)
{
    // Bits are whole numbers; a product of doubles that misses one by less than this is that number.
    private const double Rounding = 1e-4;

    /// <summary>Candidates to choose from.</summary>
    public int Candidates => EffectiveBits[0].Length;

    /// <summary>Σ n_l.</summary>
    public long TotalParameters => Parameters.Sum();

    /// <summary>The budget in whole bits.</summary>
    public long Budget => WholeBits(BudgetBits, TotalParameters);

    /// <summary>Whole bits in a budget of <paramref name="bitsPerWeight"/> over <paramref name="weights"/>.</summary>
    public static long WholeBits(double bitsPerWeight, long weights) => (long)Math.Floor((bitsPerWeight * weights) + Rounding);

    /// <summary>Bits that a layer takes with a candidate; a fraction counts whole.</summary>
    public long Bits(int layer, int candidate) => (long)Math.Ceiling((EffectiveBits[layer][candidate] * Parameters[layer]) - Rounding);

    /// <summary>Bits of a choice in all.</summary>
    public long TotalBits(IReadOnlyList<int> choice) => choice.Select((k, l) => Bits(l, k)).Sum();

    /// <summary>Mean effective bits of a choice.</summary>
    public double BitsOf(IReadOnlyList<int> choice) =>
        choice.Select((k, l) => EffectiveBits[l][k] * Parameters[l]).Sum() / TotalParameters;

    /// <summary>Total cost of a choice.</summary>
    public double CostOf(IReadOnlyList<int> choice) => choice.Select((k, l) => Costs[l][k]).Sum();
}
