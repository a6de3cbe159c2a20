using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Pipeline.Teams;
using OneComp.Quantization.Hessians;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Tests.Support;

/// <summary>The walk of two streams on the CPU alone, with a block that the caller keeps.</summary>
internal sealed class OnePass(HiddenStates full, HiddenStates quantized, NumericGuard? guard = null) : IDisposable
{
    private readonly DeviceTeam _team = new([CPU]);

    public void Run(
        DecoderBlock block, Func<BlockStage, LayerHessian?> hessianOf, Action<BlockStage, LayerHessian?, InputDrift?> quantize, CancellationToken token, Action<BlockStage, int, int>? report = null)
    {
        var copies = new BlockCopies(); // not disposed: the block is the caller's
        copies.Add(_team.Workers[0], block);
        new PropagatedPass(full, quantized, _team, guard).Run(
            copies,
            (stage, _) => hessianOf(stage),
            (stage, sums) => quantize(stage, sums.Of(_team.Workers[0], stage)?.Hessian, sums.Of(_team.Workers[0], stage)?.Drift),
            token,
            report);
    }

    public void Dispose()
    {
        full.Dispose();
        quantized.Dispose();
        _team.Dispose();
    }
}
