using OneComp.Calibration;
using OneComp.Models;

namespace OneComp.Evaluation;

/// <summary>Length and distance of evaluation windows.</summary>
internal static class WindowRange
{
    /// <summary>The given values, or what stands in for them.</summary>
    /// <exception cref="CalibrationException">A value is out of range.</exception>
    public static (int MaxLength, int Stride) Of(int? maxLength, int? stride, ModelConfig config)
    {
        var length = maxLength ?? DefaultWindow.Length(config);
        var step = stride ?? length;
        return length >= 2 && step >= 1 && step <= length
            ? (length, step)
            : throw new CalibrationException(CalibrationError.OptionOutOfRange, length < 2 ? "MaxLength" : "Stride", $"MaxLength is {length} and Stride {step}; MaxLength has to be at least 2, and Stride in 1..{length}.");
    }
}
