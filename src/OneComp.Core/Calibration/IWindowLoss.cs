using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>What a model is held against, window by window.</summary>
internal interface IWindowLoss
{
    /// <summary>The losses of some windows, (windows), which gradients flow back from. In the caller's dispose scope.</summary>
    /// <param name="logits">(windows, tokens, vocabulary), float32; borrowed.</param>
    /// <param name="samples">The windows' numbers.</param>
    Tensor Of(Tensor logits, IReadOnlyList<int> samples);
}
