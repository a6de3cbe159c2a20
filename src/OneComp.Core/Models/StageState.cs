using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Where a batch stands inside a decoder block. Owns its tensors, which belong to no dispose scope.</summary>
public sealed class StageState : IDisposable
{
    internal StageState(BlockStage stage, Tensor input, Tensor residual)
    {
        Stage = stage;
        Input = input.DetachFromDisposeScope();
        Residual = residual.DetachFromDisposeScope();
    }

    /// <summary>The stage whose linear layers come next.</summary>
    public BlockStage Stage { get; }

    /// <summary>(B, T, d_in): what the stage's linear layers multiply. Borrowed.</summary>
    public Tensor Input { get; }

    /// <summary>(B, T, hidden): what their output, in the end, is added to. Borrowed.</summary>
    public Tensor Residual { get; }

    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Input.Dispose();
        Residual.Dispose();
    }
}
