using OneComp.Calibration;
using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// Kullback-Leibler divergence of a window's next-token distributions from those of the model that was quantized, summed over tokens: a
/// mean's gradients would be too small for a half type.
/// </summary>
/// <param name="head">The head of that model; borrowed.</param>
/// <param name="states">What its last block gave for the windows; borrowed.</param>
internal sealed class DivergenceLoss(OutputHead head, HiddenStates states) : IWindowLoss
{
    public Tensor Of(Tensor logits, int sample)
    {
        using var scope = NewDisposeScope();
        var wanted = Wanted(sample);
        var found = nn.functional.log_softmax(logits, dim: 1);
        return (wanted.exp() * (wanted - found)).sum().MoveToOuterDisposeScope();
    }

    /// <summary>Log-probabilities of the full-precision model, (tokens, vocabulary).</summary>
    private Tensor Wanted(int sample)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var logits = head.Forward(states.LoadSample(sample)).squeeze(0).to(ScalarType.Float32);
        return nn.functional.log_softmax(logits, dim: 1).MoveToOuterDisposeScope();
    }
}
