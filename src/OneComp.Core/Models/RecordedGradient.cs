using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>
/// The way back through what the tensor library recorded. By <c>backward</c>, since an error inside its other call, <c>autograd.grad</c>, ends the process
/// (docs/adr/0042).
/// </summary>
internal static class RecordedGradient
{
    /// <summary>∂L at the leaves, in the caller's dispose scope. Once only for what was recorded.</summary>
    /// <param name="result">What was recorded. Borrowed.</param>
    /// <param name="leaves">What it was made of, new for it, since gradients add up in them. Borrowed.</param>
    /// <param name="gradient">∂L at the result; null where that is L, a single number. Borrowed.</param>
    public static Tensor[] Of(Tensor result, IReadOnlyList<Tensor> leaves, Tensor? gradient)
    {
        using (NewDisposeScope())
        {
            using var grad = enable_grad();
            var loss = gradient is null ? result : result.mul(gradient.detach()).sum(ScalarType.Float32); // whose gradient at the result is just this
            loss.backward();
        }

        return [.. leaves.Select(leaf => leaf.grad ?? throw new InvalidOperationException("a leaf is no part of what was recorded"))];
    }
}
