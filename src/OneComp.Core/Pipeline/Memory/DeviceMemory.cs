using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;

namespace OneComp.Pipeline.Memory;

/// <summary>
/// Bytes that a device holds at the peak of a run: the formula of docs/performance.md, by which a run chooses its batches and a forecast foretells. Of
/// one device of several too: each has a copy of the block, and sums of its own.
/// </summary>
/// <param name="Weights">A block's linear weights in the type that it computes in.</param>
/// <param name="Waiting">Codes that wait to be saved.</param>
/// <param name="Sums">Hessians of a block once windows went through it; with error propagation H and drift of a stage.</param>
/// <param name="Quantizing">The most while a layer is quantized, the sums that are left among it.</param>
/// <param name="BytesPerToken">A token of a batch inside the block.</param>
/// <param name="StateBytesPerToken">A token of the windows between stages, all sets of states.</param>
internal sealed record DeviceMemory(long Weights, long Waiting, long Sums, long Quantizing, long BytesPerToken, long StateBytesPerToken)
{
    private const int MostLeaves = 8;
    private const int LeavesShare = 2; // of the memory, for all that is there beside larger batches and states
    private const long PartBytes = 3 * 512 * sizeof(float); // of each row and column: the factors of products by parts (SplitProduct)

    /// <summary>Leaves of the sums' trees.</summary>
    public int Leaves { get; private init; } = 1;

    /// <summary>A block's codes, a byte each: what waits to be saved where one device has the run.</summary>
    public long Codes { get; private init; }

    /// <summary>Sums while windows go through the block: those that wait for the rest of their subtree too.</summary>
    public long SumsHeld => Sums * SumTree.Depth(Leaves);

    /// <summary>The formula for a run.</summary>
    /// <param name="config">The model.</param>
    /// <param name="topology">Its layers.</param>
    /// <param name="layers">The plan.</param>
    /// <param name="elementBytes">Bytes of a number that a block computes in.</param>
    /// <param name="sumBytes">Bytes of a number of a sum.</param>
    /// <param name="propagates">Whether errors are propagated.</param>
    /// <param name="calibrates">Whether there are sums at all.</param>
    /// <param name="isShared">Whether several devices share the run.</param>
    public static DeviceMemory Of(ModelConfig config, ModelTopology topology, IReadOnlyList<PlannedLayer> layers, int elementBytes, int sumBytes, bool propagates, bool calibrates, bool isShared)
    {
        var block = topology.LayersOf(0).Sum(layer => layer.WeightCount);
        var stages = topology.LayersOf(0).GroupBy(layer => layer.Stage).ToDictionary(stage => stage.Key ?? default, stage => calibrates ? sumBytes * Square(stage.First()) : 0L);
        return new DeviceMemory(
            block * elementBytes,
            block * (isShared ? 2 : 1),
            propagates ? 2 * stages.Values.Max() : stages.Values.Sum(),
            layers.GroupBy(planned => planned.Quantizer).SelectMany(group => group.DistinctBy(planned => planned.Layer.Module))
                .Max(planned => Quantize(planned, topology, stages, propagates && calibrates)),
            PerToken(config, elementBytes, calibrates, propagates),
            calibrates ? StatesPerToken(config, elementBytes, propagates, isShared) : 0)
        {
            Codes = block,
        };
    }

    /// <summary>
    /// The formula with as many leaves, of 8, 4, 2 and 1, as half of the memory has room for with two blocks and one window. Neither the number of devices
    /// nor what happens to be free counts, since the last bits of results depend on the leaves.
    /// </summary>
    /// <param name="total">Bytes of the smallest GPU, or of a limit where that is less.</param>
    /// <param name="length">Tokens of a window.</param>
    public DeviceMemory WithLeaves(long total, int length)
    {
        var most = Math.Min(total / LeavesShare, GpuOverhead.Room(total / 4 * 3)); // what a run counts on at least, ComputeDevice.UsableMemoryBytes
        var trees = Enumerable.Range(0, SumTree.Depth(MostLeaves)).Select(halvings => this with { Leaves = MostLeaves >> halvings }).ToList();
        return trees.FirstOrDefault(tree => (2 * Weights) + Codes + tree.SumsHeld + (BytesPerToken * length) <= most, trees[^1]);
    }

    /// <summary>Bytes at the peak.</summary>
    /// <param name="readsAhead">Whether the next block is there while one is worked on.</param>
    /// <param name="batchTokens">Tokens of a batch.</param>
    /// <param name="stateTokens">Tokens whose states are kept on the device.</param>
    public long Peak(bool readsAhead, long batchTokens, long stateTokens) =>
        ((readsAhead ? 2 : 1) * Weights) + Waiting + Math.Max(SumsHeld + (BytesPerToken * batchTokens), Quantizing) + (StateBytesPerToken * stateTokens);

    // The input transposed and widened for its Hessian; with error propagation both streams' and their difference, in float32.
    private static long PerToken(ModelConfig config, int elementBytes, bool calibrates, bool propagates)
    {
        long widest = Math.Max(config.IntermediateSize, (long)config.NumHeads * config.HeadDim);
        var forward = TokenMemory.Forward(config, elementBytes);
        return !calibrates ? 0 : propagates ? Math.Max(forward + (6 * widest), ((2 * elementBytes) + 12) * widest) : forward + (6 * widest);
    }

    /// <summary>
    /// A token's states: with error propagation two sets, each with a stage's input of up to an MLP's width beside the residual; devices that share a
    /// run keep what they came from.
    /// </summary>
    public static long StatesPerToken(ModelConfig config, int elementBytes, bool propagates, bool isShared)
    {
        long h = config.HiddenSize, i = config.IntermediateSize;
        var kept = isShared ? h : 0;
        return elementBytes * (propagates ? 2 * ((2 * h) + i + kept) : h + kept);
    }

    private static long Quantize(PlannedLayer planned, ModelTopology topology, Dictionary<BlockStage, long> stages, bool corrects)
    {
        var layer = planned.Layer;
        long entries = Square(layer), weights = layer.WeightCount;
        var work = planned.Quantizer switch
        {
            GptqQuantizer gptq => Math.Max((2 * FactorBytes(gptq) * entries) + (18 * weights), gptq.RefineIters > 0 ? (16 * entries) + (36 * weights) : 0) + (PartBytes * ((long)layer.InFeatures + layer.OutFeatures)),
            DbfQuantizer => (16 * entries) + (16 * weights),
            _ => 16 * weights,
        };
        var stage = layer.Stage ?? default;
        if (!corrects)
        {
            return stages.Where(pair => pair.Key >= stage).Sum(pair => pair.Value) + work; // those before it are freed
        }

        // The correction takes two matrices beside H and the drift, or one and a few of W's size; then the drift is gone, and W and its corrections are there for every layer of the stage.
        var targets = 4 * topology.LayersOf(0).Where(other => other.Stage == layer.Stage).Sum(other => other.WeightCount);
        return targets + Math.Max((2 * stages[stage]) + Math.Max((8 * entries) + (4 * weights), targets / 4 < entries ? (4 * entries) + (16 * weights) : 0), stages[stage] + work);
    }

    private static long FactorBytes(GptqQuantizer gptq) => gptq.HessianType == HessianType.Float64 ? 8 : 4;

    private static long Square(LinearLayer layer) => (long)layer.InFeatures * layer.InFeatures;
}
