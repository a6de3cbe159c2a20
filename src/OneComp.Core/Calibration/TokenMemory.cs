using OneComp.Models;

namespace OneComp.Calibration;

/// <summary>Bytes that a token of a batch takes inside a block (docs/performance.md, Memory).</summary>
internal static class TokenMemory
{
    /// <summary>On its way forward: the residual twice, and what the MLP or attention holds beside it, whichever is wider.</summary>
    public static long Forward(ModelConfig config, int elementBytes)
    {
        long h = config.HiddenSize, i = config.IntermediateSize, q = (long)config.NumHeads * config.HeadDim;
        return elementBytes * ((2 * h) + Math.Max(3 * i, 6 * q));
    }

    /// <summary>While gradients run back through the block.</summary>
    public static long Backward(ModelConfig config, int elementBytes) => 3 * (Forward(config, elementBytes) + (6L * config.IntermediateSize));
}
