using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Gradients of one operation, recorded by the tensor library.</summary>
internal static class OperationGradient
{
    /// <summary>∂L at the arguments, from ∂L at the result; in the caller's dispose scope.</summary>
    /// <param name="arguments">Borrowed.</param>
    /// <param name="operation">Gets them, and gives the result.</param>
    /// <param name="gradient">∂L at the result. Borrowed.</param>
    public static Tensor[] Of(IReadOnlyList<Tensor> arguments, Func<IReadOnlyList<Tensor>, Tensor> operation, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        Tensor[] leaves = [.. arguments.Select(argument => argument.detach().requires_grad_())];
        var found = RecordedGradient.Of(operation(leaves), leaves, gradient);
        return [.. found.Select(tensor => tensor.MoveToOuterDisposeScope())];
    }
}
