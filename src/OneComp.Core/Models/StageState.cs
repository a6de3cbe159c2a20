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

    /// <summary>The same state on a device. The caller owns it; tensors that are there already are shared, not copied.</summary>
    public StageState To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new StageState(Stage, Input.to(device), Residual.to(device));
    }

    /// <summary>Windows that follow each other, on a device. The caller owns the result, which shares what is there already.</summary>
    internal StageState Rows(int start, int count, Device device) => new(Stage, Input.narrow(0, start, count).to(device), Residual.narrow(0, start, count).to(device));

    /// <summary>Some of the windows, by their rows (kept) int64 on the state's device, which is borrowed. The caller owns the result.</summary>
    internal StageState Select(Tensor rows) => new(Stage, Input.index_select(0, rows), Residual.index_select(0, rows));

    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Input.Dispose();
        Residual.Dispose();
    }
}
