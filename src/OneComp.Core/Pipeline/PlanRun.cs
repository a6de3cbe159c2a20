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
    public static IReadOnlyList<LayerAssignment> Run(PlanOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Quantizer.Validate();
        using var model = ModelFolder.OpenSource(options.Model);
        var device = ComputeDevices.Parse(options.Device);
        var plan = new Planner(model, options, device, new CalibrationWindows(options, model.Config)).Make(progress, token);
        return plan.Rows(plan.Summary);
    }
}
