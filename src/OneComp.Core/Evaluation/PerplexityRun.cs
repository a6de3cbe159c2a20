using System.Diagnostics;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>Measures perplexity, block by block: holds one block and the windows' states, never the model.</summary>
public static class PerplexityRun
{
    /// <summary>exp of the mean next-token loss.</summary>
    /// <exception cref="Errors.OneCompException">The model, text or device cannot be used, or the loss is not finite.</exception>
    public static PerplexityResult Run(PerplexityOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = Stopwatch.StartNew();
        using var pool = new GpuPool();
        using var model = ModelFolder.Open(options.Model);
        var device = ComputeDevices.Parse(options.Device);
        var (maxLength, stride) = WindowRange.Of(options.MaxLength, options.Stride, model.Config);
        var windows = EvaluationText.Load(options, model.Config, maxLength, stride, token);
        var bound = EvaluationMemory.Of(model, windows.Max(window => window.Ids.Length), device);
        var (loss, tokens) = bound.Run(() => Loss(model, FinalStates.Batches(windows, device), device, bound, progress, token));
        if (!double.IsFinite(loss))
        {
            throw new NumericException(NumericError.StatisticNotFinite, options.Model, $"{options.Model}: the loss is not a finite number. Use -Device cpu (float32), or check the model's weights.");
        }

        return new PerplexityResult
        {
            Model = model.Config.Folder,
            Path = options.Path,
            Loss = loss / tokens,
            Tokens = tokens,
            Windows = windows.Count,
            MaxLength = maxLength,
            Stride = stride,
            Elapsed = clock.Elapsed,
        };
    }

    private static (double Loss, long Tokens) Loss(CausalModel model, List<EvaluationWindow[]> batches, Device device, MemoryBound bound, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var noGrad = no_grad();
        using var states = FinalStates.Of(model, batches, device, bound, progress, token);
        using var head = model.LoadHead(device, ComputeType.For(device, model.Config.TorchDType));
        var pieces = new TokenPieces(device, progress);
        var (loss, tokens) = (0.0, 0L);
        for (var i = 0; i < states.Count; i++)
        {
            using var batchScope = NewDisposeScope();
            var hidden = states.Load(i);
            for (var w = 0; w < batches[i].Length; w++)                                   // logits are wide: one window at a time
            {
                token.ThrowIfCancellationRequested();
                var window = batches[i][w];
                pieces.Each(window.Scored, (first, count) =>
                {
                    using var scope = NewDisposeScope();
                    var found = ScoredLogits.Of(head, hidden, w, window, first, count);
                    loss += nn.functional.nll_loss(found, ScoredLogits.Targets(window, first, count, device), reduction: nn.Reduction.Sum).to(ScalarType.Float64).item<double>();
                });
                tokens += window.Scored;
            }
        }

        FinalStates.Done(model, progress);
        return (loss, tokens);
    }
}
