using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>Log-probabilities over the vocabulary for the tokens of a window that count.</summary>
internal static class ScoredLogits
{
    /// <summary>(tokens, vocabulary), float32. The caller owns it.</summary>
    /// <param name="head">The model's head.</param>
    /// <param name="hidden">The last block's output for a batch, (windows, tokens, hidden). Borrowed.</param>
    /// <param name="window">Which window of the batch.</param>
    /// <param name="scored">The window.</param>
    /// <param name="first">The first of its tokens that count, from 0.</param>
    /// <param name="count">How many of them.</param>
    public static Tensor Of(OutputHead head, Tensor hidden, int window, EvaluationWindow scored, int first, int count)
    {
        using var scope = NewDisposeScope();
        var states = hidden.narrow(0, window, 1).narrow(1, scored.FirstScored - 1 + first, count);   // before each token that counts
        var logits = head.Forward(states).squeeze(0).to(ScalarType.Float32);
        return nn.functional.log_softmax(logits, dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>The tokens that count, (tokens), int64.</summary>
    public static Tensor Targets(EvaluationWindow scored, int first, int count, Device device) =>
        tensor(scored.Ids.AsSpan(scored.FirstScored + first, count).ToArray(), dtype: ScalarType.Int64, device: device);
}
