using OneComp.Progress;

namespace OneComp.Tests.Pipeline.Memory.Shortage;

/// <summary>A moment of a job at which memory is made short, told by the job's own events. The benchmark gpu-faults takes a GPU's memory away there, tests throw.</summary>
/// <param name="Name">What comes next in the job.</param>
/// <param name="Job">The job.</param>
/// <param name="Begins">True for the event.</param>
/// <param name="Before">Such events that pass before.</param>
internal sealed record ShortagePhase(string Name, ShortageJob Job, Func<RunEvent, bool> Begins, int Before = 0)
{
    // In the second block, where there is a finished one to keep.
    private const string Block = "Block 2 of ";

    /// <summary>All of them, in the order of each job.</summary>
    public static IReadOnlyList<ShortagePhase> All { get; } =
    [
        new("planning", ShortageJob.Quantize, At(0, "Quantizing ", "planning")),
        new("rating, forward", ShortageJob.Quantize, At(1, "Rating layers", "forward, step 2 ")),
        new("rating, loss", ShortageJob.Quantize, At(1, "Rating layers", "loss")),
        new("rating, backward", ShortageJob.Quantize, At(1, "Rating layers", "backward")),
        new("resampling", ShortageJob.Quantize, e => e is ProgressEvent { Activity: "Resampling", Done: 1 }),
        new("embedding", ShortageJob.Quantize, e => e is FactEvent { Id: RunEventId.WindowsLoaded }),
        new("calibration forward", ShortageJob.Quantize, At(1, Block, "loading")),
        new("Hessian and drift, their sums", ShortageJob.Quantize, e => e is ProgressEvent { Level: 2, Activity: "Stage MLP input (gate, up)" } stage && stage.Done == stage.Total - 1, Before: 1),
        new("Hessian and drift, their products", ShortageJob.Quantize, e => e is ProgressEvent { Level: 2, Activity: "Stage MLP output (down)", Done: 0 }, Before: 1),
        new("factor", ShortageJob.Quantize, At(1, Block, "mlp.down_proj by")),
        new("quantizing loop", ShortageJob.Quantize, Quantized("self_attn.q_proj")),
        new("packing and saving", ShortageJob.Quantize, Quantized("mlp.down_proj")),
        new("error propagation into the next block", ShortageJob.Quantize, At(1, "Block 3 of ", "loading")),
        new("saving the rest", ShortageJob.Quantize, At(0, "Quantizing ", "saving")),
        new("calibration forward of one stream", ShortageJob.Tune, At(1, Block, "loading")),
        new("tuning, full-precision outputs", ShortageJob.Tune, At(1, "Tuning", "full-precision outputs")),
        new("tuning, first step", ShortageJob.Tune, At(1, "Tuning", "step 1 of")),
        new("tuning, second step", ShortageJob.Tune, At(1, "Tuning", "step 2 of")),
        new("perplexity, block", ShortageJob.Perplexity, At(0, "Measuring ", "block 2 of")),
        new("perplexity, head", ShortageJob.Perplexity, At(0, "Measuring ", "head")),
        new("divergence, original", ShortageJob.Divergence, At(0, "Measuring ", "block 2 of")),
        new("divergence, quantized model", ShortageJob.Divergence, At(0, "Measuring ", "block 2 of"), Before: 1),
        new("divergence, heads", ShortageJob.Divergence, At(0, "Measuring ", "head"), Before: 1),
    ];

    private static Func<RunEvent, bool> At(int level, string activity, string status) => e => e is ProgressEvent progress
        && progress.Level == level
        && progress.Activity.StartsWith(activity, StringComparison.Ordinal)
        && progress.Status.StartsWith(status, StringComparison.Ordinal);

    private static Func<RunEvent, bool> Quantized(string module) => e => e is FactEvent { Id: RunEventId.LayerQuantized, Block: 1, Layer: { } layer } && layer.EndsWith(module, StringComparison.Ordinal);
}
