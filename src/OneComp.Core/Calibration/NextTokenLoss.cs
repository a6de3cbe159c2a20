using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>A window's mean cross-entropy of the tokens that follow.</summary>
internal sealed class NextTokenLoss(TokenWindows windows) : IWindowLoss
{
    public Tensor Of(Tensor logits, IReadOnlyList<int> samples)
    {
        using var scope = NewDisposeScope();
        int[] ids = [.. samples.SelectMany(sample => windows[sample][1..].ToArray())];
        var targets = tensor(ids, dtype: ScalarType.Int64, device: logits.device);                            // (windows · (tokens - 1))
        var scored = logits.narrow(1, 0, ids.Length / samples.Count).reshape(ids.Length, logits.shape[2]);    // logits of a token stay together, as a softmax wants them
        return nn.functional.cross_entropy(scored, targets, reduction: nn.Reduction.None).reshape(samples.Count, -1).mean([1]).MoveToOuterDisposeScope();
    }
}
