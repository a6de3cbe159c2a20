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
    public Tensor Of(Tensor logits, IReadOnlyList<int> samples)
    {
        using var scope = NewDisposeScope();
        var wanted = Wanted(samples);
        var found = nn.functional.log_softmax(logits, dim: 2);
        return (wanted.exp() * (wanted - found)).sum([1, 2]).MoveToOuterDisposeScope();
    }

    /// <summary>Log-probabilities of the full-precision model, (windows, tokens, vocabulary).</summary>
    private Tensor Wanted(IReadOnlyList<int> samples)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var hidden = cat([.. samples.Select(states.LoadSample)]);
        return nn.functional.log_softmax(head.Forward(hidden).to(ScalarType.Float32), dim: 2).MoveToOuterDisposeScope();
    }
}
