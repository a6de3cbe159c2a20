using OneComp.Calibration;
using OneComp.Pipeline.Memory;
using OneComp.Runtime;

namespace OneComp.Estimation;

/// <summary>
/// The most memory of a run: by the formula that the run itself chooses its batches by (<see cref="DeviceMemory"/>), and what rating candidates takes, which
/// comes before and may take more.
/// </summary>
internal static class RunMemory
{
    private const double LeastBase = 0.15e9;  // of them, what no run is without
    private const double HostBase = 0.4e9;    // .NET, the engine and the tensor library
    private const double HostSlack = 1.6;     // what the C library keeps of tensors of many sizes until a block is done
    private const double CopyBuffers = 0.05e9; // copying what stays as it is, and layers waiting to be saved

    /// <summary>Bytes of each GPU (0 on the CPU) and of main memory.</summary>
    /// <param name="run">The run.</param>
    /// <param name="room">What may be taken of a GPU; none on the CPU.</param>
    public static (long Gpu, long Host) Peak(RunShape run, GpuRoom room)
    {
        var memory = DeviceMemory.Of(run.Config, run.Topology, run.Plan.Layers, run.ElementBytes, run.IsGpu ? 4 : 8, run.Propagates, run.Tokens > 0, run.Devices > 1);
        var states = (double)run.Tokens * memory.StateBytesPerToken;
        var host = HostBase + CopyBuffers + ((double)run.BlockWeights * run.ElementBytes * run.Devices);
        if (!run.IsGpu)
        {
            var peak = run.Devices * (memory.Peak(readsAhead: true, run.BatchTokens, 0) - memory.Waiting);
            return (0, (long)(host + (HostSlack * (Math.Max(peak + states, Rating(run) + Inputs(run))))));
        }

        var share = (run.Tokens + run.Devices - 1) / run.Devices;
        var how = DevicePlan.For(memory.WithLeaves(room.Total, run.WindowLength), share, run.WindowLength, StatesPlacement.TokensPerGpuBatch, room.Available);
        var inputs = Math.Min(Inputs(run), StatesPlacement.RoomForInputs(room.Available));
        return (
            Math.Max(how.Bytes, GpuOverhead.Taken(Rating(run) + (run.Rated is null ? 0 : (long)inputs))),
            (long)(host + Math.Max(how.KeepsStates ? 0 : states, Inputs(run) - inputs)));
    }

    /// <summary>
    /// Bytes of main memory that are certain to be in use at once on the CPU, and on a GPU what does not fit there: the program, two blocks, the states and the Hessians.
    /// A run that cannot have so much need not begin.
    /// </summary>
    public static long Least(RunShape run)
    {
        var block = (double)run.BlockWeights * run.ElementBytes;
        if (run.IsGpu)
        {
            return (long)(LeastBase + block);
        }

        var hessians = run.Tokens == 0 ? 0 : 4.0 * (run.Propagates ? run.Hessians.Max() : run.Hessians.Sum());
        return (long)(LeastBase + (Math.Min(2, run.Blocks) * block) + hessians + LeastStates(run));
    }

    private static double LeastStates(RunShape run) => Math.Max(
        (double)run.Tokens * run.ElementBytes * run.Hidden * (run.Propagates ? 2 : 1),
        (double)run.RatingTokens * run.ElementBytes * run.Hidden * (run.Blocks + 1));

    // Rating keeps every block's input.
    private static double Inputs(RunShape run) => (double)run.RatingTokens * run.ElementBytes * run.Hidden * (run.Blocks + 1);

    // A block, its weights' errors once for each candidate, Hessians, a batch with what its backward needs, a window's logits.
    private static long Rating(RunShape run)
    {
        if (run.Rated is null)
        {
            return 0;
        }

        var errors = run.BlockWeights * run.ElementBytes * (1 + run.Rated.Quantizers.Count);
        var head = run.Config.VocabularySize * ((run.Hidden * run.ElementBytes) + (3L * 4 * run.Rated.CalibSeqLen));
        var layer = run.Plan.Layers.Max(planned => 16L * planned.Layer.InFeatures * (planned.Layer.InFeatures + planned.Layer.OutFeatures));
        return Math.Max(head, errors + ((run.IsGpu ? 4 : 8) * run.Hessians.Sum()) + Math.Max(run.BatchTokens * TokenMemory.Backward(run.Config, run.ElementBytes), layer));
    }
}
