namespace OneComp.Estimation;

/// <summary>
/// The most memory of a run, by the formula of docs/performance.md: two blocks, the windows' states, Hessians, and the larger of what a batch
/// takes inside the MLP and what quantizing the largest layer takes; rating candidates comes before and may take more.
/// </summary>
internal static class RunMemory
{
    private const double LeastBase = 0.15e9;  // of them, what no run is without
    private const double HostBase = 0.4e9;    // .NET, the engine and the tensor library
    private const double HostSlack = 2.0;     // what the C library keeps of tensors of many sizes until a block is done: 1.78 GB measured for 1.05
    private const double GpuBase = 1.0e9;     // the CUDA context and libraries
    private const double GpuSlack = 1.2;      // what the allocator keeps: 11.0 GB in use where the formula gives 8.2
    private const double CopyBuffers = 0.05e9; // copying what stays as it is, and layers waiting to be saved

    /// <summary>Bytes of the GPU (0 on the CPU) and of main memory.</summary>
    /// <param name="run">The run.</param>
    /// <param name="freeGpuBytes">Free memory of the GPU; states are kept there where they are small beside it.</param>
    public static (long Gpu, long Host) Peak(RunShape run, long freeGpuBytes)
    {
        var states = States(run);
        var onGpu = run.IsGpu && run.Tokens * run.Hidden * run.ElementBytes <= freeGpuBytes / 16;
        var working = Math.Max(Quantizing(run), Rating(run)) + (run.IsGpu && !onGpu ? 0 : states);
        var host = HostBase + CopyBuffers + ((double)run.BlockWeights * run.ElementBytes);
        return run.IsGpu
            ? ((long)((working * GpuSlack) + GpuBase), (long)(host + (onGpu ? 0 : states)))
            : (0, (long)(host + (working * HostSlack)));
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

    // One set, or two with error propagation, each with a stage's input, up to an MLP wide, and the residual beside; rating keeps every block's input.
    private static double States(RunShape run)
    {
        var calibration = (double)run.Tokens * run.ElementBytes * (run.Propagates ? 2.0 * ((2.0 * run.Hidden) + run.Inner) : run.Hidden);
        var rating = (double)run.RatingTokens * run.ElementBytes * run.Hidden * (run.Blocks + 1);
        return Math.Max(calibration, rating);
    }

    private static double Quantizing(RunShape run)
    {
        var blocks = 2.0 * run.BlockWeights * run.ElementBytes;
        if (run.Tokens == 0)
        {
            return blocks + Layer(run);
        }

        var hessians = 4.0 * (run.Propagates ? 2 * run.Hessians.Max() : run.Hessians.Sum());
        return blocks + hessians + Math.Max(Batch(run), Layer(run));
    }

    // Inside the MLP of i channels, and one input transposed and widened.
    private static double Batch(RunShape run) =>
        run.BatchTokens * ((run.ElementBytes * ((2.0 * run.Hidden) + (3.0 * run.Inner))) + (6.0 * run.Inner));

    // The Hessian, reversed, factorised and its factor, and W, its corrections and their products, in float32.
    private static double Layer(RunShape run) => run.Plan.Layers.Max(planned =>
        16.0 * planned.Layer.InFeatures * (planned.Quantizer.NeedsHessian ? planned.Layer.InFeatures + planned.Layer.OutFeatures : planned.Layer.OutFeatures));

    // A block, its weights' errors once for each candidate, Hessians, a batch with what its backward needs, a window's logits.
    private static double Rating(RunShape run)
    {
        if (run.Rated is null)
        {
            return 0;
        }

        var errors = (double)run.BlockWeights * run.ElementBytes * (1 + run.Rated.Quantizers.Count);
        var head = (double)run.Config.VocabularySize * ((run.Hidden * run.ElementBytes) + (3.0 * 4 * run.Rated.CalibSeqLen));
        return Math.Max(head, errors + (4.0 * run.Hessians.Sum()) + Math.Max(3 * Batch(run), Layer(run)));
    }
}
