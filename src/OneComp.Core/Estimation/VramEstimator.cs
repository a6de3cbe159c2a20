using System.Globalization;
using OneComp.Models;

namespace OneComp.Estimation;

/// <summary>
/// OneComp's own estimate: 95 % of the parameters are quantized, the rest stays in half precision, and what is left of the
/// budget is spread over the quantized ones. Needs only config.json.
/// </summary>
public static class VramEstimator
{
    /// <summary>The share of the memory that weights may take in the Python package.</summary>
    public const double DefaultRatio = 0.8;

    private const double QuantizableShare = 0.95;
    private const double BytesPerGB = 1e9;
    private const int HalfBytes = 2;
    private const double ScaleBits = 16;

    /// <summary>Estimates the bits that fit.</summary>
    /// <param name="config">The model.</param>
    /// <param name="totalVramGB">Memory of the GPU, 1 GB = 1e9 bytes.</param>
    /// <param name="vramRatio">Share of it that the weights may take, above 0 and at most 1.</param>
    /// <param name="groupSize">Weights that share a scale, at least 1.</param>
    /// <param name="wbits">Bits of a zero point.</param>
    /// <exception cref="EstimationException">The model does not fit at any number of bits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static VramEstimate Estimate(ModelConfig config, double totalVramGB, double vramRatio = DefaultRatio, int groupSize = 128, int wbits = 4)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalVramGB > 0 ? totalVramGB : 0, nameof(totalVramGB)); // NaN counts as 0
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vramRatio is > 0 and <= 1 ? vramRatio : 0, nameof(vramRatio));
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        var total = ModelTopology.Of(config).TotalParameters;
        var quantizable = (long)(total * QuantizableShare);
        var budget = totalVramGB * vramRatio;
        var rest = (total - quantizable) * HalfBytes / BytesPerGB;
        var meta = (ScaleBits + wbits) / groupSize;
        var estimate = new VramEstimate
        {
            Model = config.Folder,
            TargetBitwidth = ((budget - rest) * 8 * BytesPerGB / quantizable) - meta,
            TotalVramGB = totalVramGB,
            BudgetGB = budget,
            NonQuantWeightGB = rest,
            AvailableForQuantGB = budget - rest,
            TotalParams = total,
            QuantizableParams = quantizable,
            MetaBitsPerParam = meta,
        };
        return estimate.TargetBitwidth > 0
            ? estimate
            : throw new EstimationException(
                EstimationError.ModelTooLarge,
                config.Folder,
                string.Create(CultureInfo.InvariantCulture, $"{config.Folder}: {budget:0.######} GB ({vramRatio:0.##} of {totalVramGB:0.######} GB) do not hold the model at any bit width: what stays in half precision takes {rest:0.######} GB. Use a GPU with more memory, or a smaller model."));
    }
}
