using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Mean cross-entropy of the tokens that follow.</summary>
/// <param name="ids">Token ids, (windows, tokens) a batch; borrowed.</param>
internal sealed class NextTokenLoss(IReadOnlyList<Tensor> ids) : IWindowLoss
{
    public Tensor Of(Tensor logits, int batch, long window)
    {
        var last = logits.shape[0] - 1;
        using var targets = ids[batch].narrow(0, window, 1).squeeze(0).narrow(0, 1, last).to(logits.device);
        using var scored = logits.narrow(0, 0, last);
        return nn.functional.cross_entropy(scored, targets);
    }
}
