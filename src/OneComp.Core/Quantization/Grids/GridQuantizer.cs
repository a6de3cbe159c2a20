namespace OneComp.Quantization.Grids;

/// <summary>What the quantizers that put weights on a grid for each group have in common.</summary>
public abstract record GridQuantizer : WeightQuantizer
{
    /// <summary>Bits of a code, 2 to 8.</summary>
    public int WBits { get; init; } = 4;

    /// <summary>Weights of a row that share a scale; -1 for the whole row.</summary>
    public int GroupSize { get; init; } = 128;

    /// <summary>True to shrink each group's range where that lowers its error.</summary>
    public bool Mse { get; init; }

    /// <summary>Steps of the shrinking with <see cref="Mse"/>.</summary>
    public int QGrid { get; init; } = 600;

    /// <summary>Exponent of the error that shrinking minimises.</summary>
    public double QNorm { get; init; } = 2.4;

    /// <inheritdoc/>
    protected override string DefaultName => SchemeName.Of(Method, WBits, GroupSize);

    /// <summary>How ranges are searched under a scheme of this quantizer.</summary>
    internal RangeSearch SearchFor(GroupScheme scheme) => new(scheme, Mse, QGrid, QNorm);

    internal override void Check(FaultList faults)
    {
        faults.Range(nameof(WBits), WBits, 2, 8);
        faults.GroupSize(nameof(GroupSize), GroupSize);
        faults.Range(nameof(QGrid), QGrid, 1, 10000);
        faults.Range(nameof(QNorm), QNorm, 0.1, 10);
    }
}
