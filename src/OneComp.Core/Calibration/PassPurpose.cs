using OneComp.Models;
using TorchSharp;

namespace OneComp.Calibration;

/// <summary>What a <see cref="GradientPass"/> is for, as far as an error speaks of it where memory runs out.</summary>
/// <param name="Work">What is going on: "layers were rated".</param>
/// <param name="Option">What makes its windows shorter.</param>
/// <param name="WhatToDo">What else takes less, in full sentences.</param>
internal sealed record PassPurpose(string Work, string Option, string WhatToDo)
{
    /// <summary>Bytes that whoever watches the pass holds beside a block.</summary>
    public long HeldBytes { get; init; }

    /// <summary>Layers are rated for a plan by the curvature at their outputs.</summary>
    public static PassPurpose Rating { get; } = new("layers were rated", "-CalibSeqLen", "-CostMetric Rtn rates by the weights alone; another -Device, or the CPU, may have room.");

    /// <summary>Outputs of layers are weighed for quantizers that ask for it.</summary>
    public static PassPurpose Curvature { get; } = new("the outputs of layers were weighed", "-MaxLength", "-Resume begins this again, on another -Device too.");

    /// <summary>Scales and codes are tuned.</summary>
    public static PassPurpose Tuning { get; } = new(
        "scales and codes were tuned", "-MaxLength", "The quantized layers are kept: -Resume goes on with the tuning, on another -Device too; a -MaxGpuMemoryGB of half of what is free has fewer blocks tuned at once.");

    /// <summary>Rating by quantizing with each candidate: their errors, the Hessians of a block and its largest layer on its way.</summary>
    /// <param name="topology">The model's layers.</param>
    /// <param name="candidates">How many.</param>
    /// <param name="elementBytes">Bytes of a number that a block computes in.</param>
    /// <param name="sumBytes">Bytes of a number of a Hessian's sum.</param>
    public static PassPurpose RatingBy(ModelTopology topology, int candidates, int elementBytes, int sumBytes)
    {
        var layers = topology.LayersOf(0);
        var hessians = layers.DistinctBy(layer => layer.Stage).Sum(layer => (long)layer.InFeatures * layer.InFeatures) * sumBytes;
        return Rating with
        {
            HeldBytes = (candidates * elementBytes * layers.Sum(layer => layer.WeightCount)) + hessians + layers.Max(layer => 16L * layer.InFeatures * (layer.InFeatures + layer.OutFeatures)),
        };
    }

    /// <summary>What a window of the pass needs alone.</summary>
    public string WhatFits(CausalModel model, int length, torch.Device device, torch.ScalarType type)
    {
        var bytes = (int)type.ElementSize();
        (string, long)[] beside = [("a block's weights", model.Topology.LayersOf(0).Sum(layer => layer.WeightCount) * bytes), .. HeldBytes > 0 ? [("what is summed up", HeldBytes)] : Array.Empty<(string, long)>()];
        return Runtime.MemoryNeed.OfWindow(device, length, TokenMemory.Backward(model.Config, bytes), Option, beside);
    }
}
