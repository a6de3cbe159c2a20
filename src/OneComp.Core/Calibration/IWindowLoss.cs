using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>What a model is held against, window by window.</summary>
internal interface IWindowLoss
{
    /// <summary>The loss of one window, a scalar that gradients flow back from. The caller owns it.</summary>
    /// <param name="logits">(tokens, vocabulary), float32; borrowed.</param>
    /// <param name="sample">The window's number.</param>
    Tensor Of(Tensor logits, int sample);
}
