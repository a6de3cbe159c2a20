using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>A window's mean cross-entropy of the tokens that follow.</summary>
internal sealed class NextTokenLoss(TokenWindows windows) : IWindowLoss
{
    public Tensor Of(Tensor logits, int sample)
    {
        using var targets = tensor(windows[sample][1..].ToArray(), dtype: ScalarType.Int64, device: logits.device);
        using var scored = logits.narrow(0, 0, targets.shape[0]);
        return nn.functional.cross_entropy(scored, targets);
    }
}
