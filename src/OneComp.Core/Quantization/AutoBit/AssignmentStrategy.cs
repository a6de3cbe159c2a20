namespace OneComp.Quantization.AutoBit;

/// <summary>How AutoBit gives each layer one of the candidates.</summary>
public enum AssignmentStrategy
{
    /// <summary>Integer program; errors weighted by input second moments and output curvature (needs calibration text).</summary>
    ActivationAware,

    /// <summary>Integer program; plain squared weight errors.</summary>
    Ilp,

    /// <summary>The first candidate whose own selection rules take the layer.</summary>
    Manual,
}
