using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>What is known of a stage's input. Owns both.</summary>
/// <param name="Hessian">H of the input that the layers are calibrated on.</param>
/// <param name="Drift">How far it lies from the full-precision one; null without error propagation.</param>
internal sealed record StageSum(LayerHessian Hessian, InputDrift? Drift) : IDisposable
{
    /// <summary>Adds the sums over other tokens, from whatever device; borrowed.</summary>
    public void Add(StageSum other)
    {
        Hessian.Add(other.Hessian);
        Drift?.Add(other.Drift!);
    }

    /// <summary>Makes one of each's partial sums and frees the others, at the end of a device's windows.</summary>
    public void Join()
    {
        Hessian.Join();
        Drift?.Join();
    }

    /// <summary>The same sums on a device, without what was made of them. The caller owns it.</summary>
    public StageSum Copy(Device device) => new(Hessian.Copy(device), Drift?.Copy(device));

    public void Dispose()
    {
        Hessian.Dispose();
        Drift?.Dispose();
    }
}
