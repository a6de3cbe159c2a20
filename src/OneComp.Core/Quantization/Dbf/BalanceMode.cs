namespace OneComp.Quantization.Dbf;

/// <summary>What balancing makes equal over rows and over columns.</summary>
public enum BalanceMode
{
    /// <summary>Sums of magnitudes (ℓ1 norms).</summary>
    L1,

    /// <summary>Sums of squares (squared ℓ2 norms).</summary>
    L2,
}
