using System.Globalization;
using OneComp.Calibration;
using OneComp.Hub;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>
/// How far a run is: the run in weights, below it the block in weights, below that the stage in batches. Weights, since time goes with them: blocks
/// may differ, and a layer of the MLP is several of attention's. Stages and layers may be told from several threads.
/// </summary>
internal sealed class RunProgress(string model, int blocks, IProgress<RunEvent>? events)
{
    private const string Weights = "weights";
    private readonly string _activity = ActivityOf(model);
    private readonly Lock _gate = new(); // of what the devices of a team tell
    private ILookup<int, PlannedLayer>? _plan;
    private long _total;       // weights of the plan, and one more that saving takes
    private long _before;      // weights of the blocks before this one
    private long _inBlock;     // weights of this block
    private long _done;        // of them, finished
    private string _block = "";

    /// <summary>Where warnings and details go.</summary>
    public IProgress<RunEvent>? Events { get; } = events;

    /// <summary>What shows before the tensor library and the model are there, which takes a moment.</summary>
    public static ProgressEvent Starting(string model) => new(0, ActivityOf(model), "starting", 0, 0);

    public void Planning() => Report("planning", 0);

    public void Planned(QuantizationPlan plan)
    {
        _plan = plan.Layers.ToLookup(planned => planned.Layer.Block);
        _total = plan.Layers.Sum(planned => planned.Parameters) + 1;
        Events?.Report(new FactEvent(RunEventId.PlanMade, string.Create(CultureInfo.InvariantCulture, $"{plan.Layers.Count} layers at {plan.Summary.EffectiveBits:0.###} effective bits."))
        {
            Numbers = [new("layers", plan.Layers.Count), new("effective_bits", plan.Summary.EffectiveBits), new("parameters", plan.Layers.Sum(planned => planned.Parameters))],
        });
    }

    /// <summary>A block begins; those before it are finished.</summary>
    public void Block(int index)
    {
        _before = Enumerable.Range(0, index).Sum(WeightsOf);
        _inBlock = WeightsOf(index);
        _done = 0;
        _block = string.Create(CultureInfo.InvariantCulture, $"block {index + 1} of {blocks}");
        Report(_block, _before);
        ReportBlock("loading");
    }

    /// <summary>A layer begins.</summary>
    public void Layer(PlannedLayer planned)
    {
        lock (_gate)
        {
            ReportBlock($"{planned.Layer.Module} by {planned.Quantizer.Name}");
            Report(_block, _before + _done);
        }
    }

    /// <summary>A batch of windows goes through a stage: first to be calibrated on, then through the quantized layers.</summary>
    public void Stage(BlockStage stage, int done, int total)
    {
        lock (_gate)
        {
            Events?.Report(new ProgressEvent(2, "Stage " + Describe(stage), string.Create(CultureInfo.InvariantCulture, $"batch {done + 1} of {total}"), done, total));
        }
    }

    public void Windows(TokenWindows windows) => Events?.Report(new FactEvent(RunEventId.WindowsLoaded, string.Create(CultureInfo.InvariantCulture, $"Calibrating on {windows.Count} windows of {windows.Length} tokens."))
    {
        Numbers = [new("windows", windows.Count), new("length", windows.Length)],
    });

    public void Quantized(PlannedLayer done, TimeSpan time)
    {
        lock (_gate)
        {
            _done += done.Parameters;
            Events?.Report(new FactEvent(RunEventId.LayerQuantized, string.Create(CultureInfo.InvariantCulture, $"{done.Layer.Name}: {done.Quantizer.Name} in {time.TotalSeconds:0.##} s."))
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
            ReportBlock($"{done.Layer.Module} done");
        }
    }

    public void Replayed(int block) => Events?.Report(new FactEvent(RunEventId.BlockReplayed, string.Create(CultureInfo.InvariantCulture, $"Block {block + 1} of {blocks}, finished before, was walked through once more.")) { Block = block });

    public void Saving()
    {
        Events?.Report(new ProgressEvent(1, "Blocks", "done", 1, 1)); // closes what is open below the run
        Report("saving", _total - 1);
    }

    public void Done() => Report("done", _total);

    private static string ActivityOf(string model) => "Quantizing " + ModelReference.DisplayName(model);

    private static string Describe(BlockStage stage) => stage switch
    {
        BlockStage.AttentionInput => "attention input (q, k, v)",
        BlockStage.AttentionOutput => "attention output (o)",
        BlockStage.MlpInput => "MLP input (gate, up)",
        _ => "MLP output (down)",
    };

    private long WeightsOf(int block) => _plan?[block].Sum(planned => planned.Parameters) ?? 0;

    // Finished only when the next block begins: a level that is complete closes those below it.
    private void ReportBlock(string status) =>
        Events?.Report(new ProgressEvent(1, char.ToUpperInvariant(_block[0]) + _block[1..], status, _done, _inBlock + 1));

    private void Report(string status, long done) => Events?.Report(new ProgressEvent(0, _activity, status, done, _total) { Unit = Weights });
}
