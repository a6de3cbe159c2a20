using OneComp.Errors;

namespace OneComp.Quantization;

/// <summary>Ways in which a computation gives no usable number.</summary>
public enum NumericError
{
    /// <summary>Calibration activations hold NaN or infinity.</summary>
    HessianNotFinite,

    /// <summary>No damping makes the Hessian positive definite.</summary>
    HessianNotPositiveDefinite,

    /// <summary>The model's loss, or a statistic of it, is NaN or infinite.</summary>
    StatisticNotFinite,

    /// <summary>A weight of the model holds NaN or infinity.</summary>
    WeightNotFinite,

    /// <summary>A weight is so large that its scale would not fit in float16.</summary>
    WeightTooLarge,

    /// <summary>More calibration samples are not finite than can be left out.</summary>
    TooManySamplesNotFinite,
}

/// <summary>A computation gave no usable number.</summary>
public sealed class NumericException : OneCompException
{
    internal NumericException(NumericError error, string subject, string message)
        : base("Numeric" + error, ErrorKind.InvalidResult, subject, message) => Error = error;

    /// <summary>What went wrong.</summary>
    public NumericError Error { get; }
}
