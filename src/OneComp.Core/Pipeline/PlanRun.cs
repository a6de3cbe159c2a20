using OneComp.Formats;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;

namespace OneComp.Pipeline;

/// <summary>Makes a plan without quantizing.</summary>
public static class PlanRun
{
    /// <summary>One row a layer, in model order.</summary>
    /// <exception cref="Errors.OneCompException">The model, quantizer, text or device cannot be used.</exception>
    public static IReadOnlyList<LayerAssignment> Run(PlanOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default) =>
        Run(options, [], progress, token);

    /// <summary>Plans for several budgets from one rating of the layers: the rows of the first, then those of the next.</summary>
    /// <param name="options">What to plan for.</param>
    /// <param name="targetBits">The budgets, which take the place of the quantizer's own; empty for that.</param>
    /// <param name="progress">Told of phases and details.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="Errors.OneCompException">The model, quantizer, text or device cannot be used, or a budget cannot be kept.</exception>
    public static IReadOnlyList<LayerAssignment> Run(PlanOptions options, IReadOnlyList<double> targetBits, IProgress<RunEvent>? progress = null, CancellationToken token = default) =>
        [.. Plans(options, targetBits, progress, token).SelectMany(plan => plan.Rows(plan.Summary))];

    /// <summary>The figures of each plan without its rows: the curve of bits against cost.</summary>
    /// <inheritdoc cref="Run(PlanOptions, IReadOnlyList{double}, IProgress{RunEvent}?, CancellationToken)"/>
    public static IReadOnlyList<AssignmentSummary> Summaries(PlanOptions options, IReadOnlyList<double> targetBits, IProgress<RunEvent>? progress = null, CancellationToken token = default) =>
        [.. Plans(options, targetBits, progress, token).Select(plan => plan.Summary)];

    private static IReadOnlyList<QuantizationPlan> Plans(PlanOptions options, IReadOnlyList<double> targetBits, IProgress<RunEvent>? progress, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Quantizer.Validate();
        using var pool = new GpuPool();
        using var limit = GpuMemoryLimit.Use(options.MaxGpuMemoryGB);
        using var model = ModelFolder.OpenSource(options.Model);
        var device = ComputeDevices.ParseAll(options.Device)[0];
        return new Planner(model, options, device, new CalibrationWindows(options, model.Config)).Make(targetBits, progress, token);
    }
}
