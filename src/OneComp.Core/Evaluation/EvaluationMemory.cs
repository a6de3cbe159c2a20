using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>What measuring takes, for where memory runs out.</summary>
internal static class EvaluationMemory
{
    /// <summary>The work as one that memory may not suffice for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="length">Tokens of the longest window.</param>
    /// <param name="device">Where to compute.</param>
    public static MemoryBound Of(CausalModel model, int length, Device device)
    {
        var bytes = (int)ComputeType.For(device, model.Config.TorchDType).ElementSize();
        return new MemoryBound(
            device,
            "a model was measured",
            () => MemoryNeed.OfWindow(
                device,
                length,
                TokenMemory.Forward(model.Config, bytes),
                "-MaxLength",
                ("a block's weights", model.Topology.LayersOf(0).Sum(layer => layer.WeightCount) * bytes),
                ("the head", model.Config.VocabularySize * ((long)model.Config.HiddenSize * bytes))),
            "Another -Device, or the CPU, may have room.");
    }
}
