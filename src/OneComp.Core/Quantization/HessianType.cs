namespace OneComp.Quantization;

/// <summary>Precision of a Hessian's factorisation.</summary>
public enum HessianType
{
    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE double: slower, for Hessians that are close to singular.</summary>
    Float64,
}
