using System.Globalization;
using OneComp.Calibration;
using OneComp.Hub;
using OneComp.Progress;
using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>How far a run is: plan, blocks, save.</summary>
internal sealed class RunProgress(string model, int blocks, IProgress<RunEvent>? events)
{
    private readonly string _activity = "Quantizing " + ModelReference.DisplayName(model);
    private readonly int _total = blocks + 2;

    /// <summary>Where warnings and details go.</summary>
    public IProgress<RunEvent>? Events { get; } = events;

    public void Planning() => Report("planning", 0);

    public void Planned(QuantizationPlan plan) => Events?.Report(new FactEvent(RunEventId.PlanMade, string.Create(CultureInfo.InvariantCulture, $"{plan.Layers.Count} layers at {plan.Summary.EffectiveBits:0.###} effective bits."))
    {
        Numbers = [new("layers", plan.Layers.Count), new("effective_bits", plan.Summary.EffectiveBits), new("parameters", plan.Layers.Sum(planned => planned.Parameters))],
    });

    public void Block(int index) => Report(string.Create(CultureInfo.InvariantCulture, $"block {index + 1} of {blocks}"), index + 1);

    public void Layer(PlannedLayer planned, int done, int total) =>
        Events?.Report(new ProgressEvent(1, planned.Quantizer.Name, planned.Layer.Name, done, total));

    public void Windows(TokenWindows windows) => Events?.Report(new FactEvent(RunEventId.WindowsLoaded, string.Create(CultureInfo.InvariantCulture, $"Calibrating on {windows.Count} windows of {windows.Length} tokens."))
    {
        Numbers = [new("windows", windows.Count), new("length", windows.Length)],
    });

    public void Quantized(PlannedLayer done, TimeSpan time) => Events?.Report(new FactEvent(RunEventId.LayerQuantized, string.Create(CultureInfo.InvariantCulture, $"{done.Layer.Name}: {done.Quantizer.Name} in {time.TotalSeconds:0.##} s."))
    {
        Block = done.Layer.Block,
        Layer = done.Layer.Name,
        Numbers =
        [
            new("seconds", time.TotalSeconds),
            new("bits", done.Scheme.Bits),
            new("effective_bits", done.Scheme.EffectiveBits(done.Layer)),
            new("group_size", done.Scheme.GroupSize),
            new("parameters", done.Parameters),
            .. done.Errors is { } errors ? new KeyValuePair<string, double>[] { new("weight_error", errors.Weight), new("output_error", errors.Output) } : [],
        ],
    });

    public void Replayed(int block) => Events?.Report(new FactEvent(RunEventId.BlockReplayed, string.Create(CultureInfo.InvariantCulture, $"Block {block + 1} of {blocks}, finished before, was walked through once more.")) { Block = block });

    public void Saving()
    {
        Events?.Report(new ProgressEvent(1, "Layers", "done", 1, 1));
        Report("saving", _total - 1);
    }

    public void Done() => Report("done", _total);

    private void Report(string status, int done) => Events?.Report(new ProgressEvent(0, _activity, status, done, _total));
}
