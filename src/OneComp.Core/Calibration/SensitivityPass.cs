using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>a and b of every layer (DESIGN section 5), by one <see cref="GradientPass"/>.</summary>
internal sealed class SensitivityPass(CausalModel model, TokenWindows windows, Device device, ScalarType type, PassPurpose? purpose = null)
{
    /// <summary>Runs the pass; blocks come last to first.</summary>
    /// <param name="visit">Gets each block with the sensitivity of its layers, by layer name; only borrowed.</param>
    /// <param name="progress">Told block by block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public void Run(
        Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit,
        IProgress<RunEvent>? progress,
        CancellationToken token)
    {
        using var sums = new SensitivitySums(visit, device);
        new GradientPass(model, windows, device, type, purpose: purpose).Run(sums, progress, token);
    }
}
