namespace OneComp.Export;

/// <summary>Types of a dequantized weight.</summary>
public enum DenseType
{
    /// <summary>What config.json names as the model's type; F16 where it names neither F16 nor BF16.</summary>
    Auto,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,
}
