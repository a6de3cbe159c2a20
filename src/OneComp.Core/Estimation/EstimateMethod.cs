namespace OneComp.Estimation;

/// <summary>Ways to estimate the bits that fit.</summary>
public enum EstimateMethod
{
    /// <summary>Every tensor is counted, with the KV cache and the workspace of a server.</summary>
    Exact,

    /// <summary>The rule of the Python package OneComp: 95 % of the parameters are quantized, and a share of the memory is theirs.</summary>
    OneComp,
}
