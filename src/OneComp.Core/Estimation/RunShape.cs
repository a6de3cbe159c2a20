using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Estimation;

/// <summary>The figures of a run that its memory and time follow from.</summary>
internal sealed record RunShape
{
    /// <summary>The model.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>Its tensors and layers.</summary>
    public required ModelTopology Topology { get; init; }

    /// <summary>What each layer gets.</summary>
    public required QuantizationPlan Plan { get; init; }

    /// <summary>AutoBit, where it rates candidates before; null otherwise.</summary>
    public required AutoBitQuantizer? Rated { get; init; }

    /// <summary>True for a GPU.</summary>
    public required bool IsGpu { get; init; }

    /// <summary>Devices that share the run.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>Bytes of a number in activations and loaded weights.</summary>
    public required int ElementBytes { get; init; }

    /// <summary>T: tokens of calibration, those that the model rewrote among them; 0 where no layer is calibrated.</summary>
    public required long Tokens { get; init; }

    /// <summary>Of them, those that the model rewrites, each in a forward of its own.</summary>
    public required long ResampledTokens { get; init; }

    /// <summary>Tokens that the result is tuned on, over all steps; 0 for no tuning.</summary>
    public required long TuningTokens { get; init; }

    /// <summary>Steps that tune; each reads all weights forward and back.</summary>
    public required int TuningSteps { get; init; }

    /// <summary>Tokens of a calibration window.</summary>
    public required int WindowLength { get; init; }

    /// <summary>Tokens that candidates are rated on; 0 where none are.</summary>
    public required long RatingTokens { get; init; }

    /// <summary>Whether errors are propagated.</summary>
    public required bool Propagates { get; init; }

    /// <summary>h: width of the residual stream.</summary>
    public long Hidden => Config.HiddenSize;

    /// <summary>i: width of the MLP.</summary>
    public long Inner => Config.IntermediateSize;

    /// <summary>b: blocks.</summary>
    public long Blocks => Config.NumLayers;

    /// <summary>P: weights of a block's linear layers.</summary>
    public long BlockWeights => Topology.LayersOf(0).Sum(layer => layer.WeightCount);

    /// <summary>d_in² of each stage of a block.</summary>
    public IReadOnlyList<long> Hessians => [.. Topology.LayersOf(0).GroupBy(layer => layer.Stage).Select(stage => (long)stage.First().InFeatures * stage.First().InFeatures)];

    /// <summary>t: tokens of a batch, whole windows.</summary>
    public long BatchTokens
    {
        get
        {
            long most = IsGpu ? 8192 : 1024;
            return Math.Min(Math.Max(Tokens, RatingTokens), Math.Max(1, most / WindowLength) * WindowLength);
        }
    }
}
