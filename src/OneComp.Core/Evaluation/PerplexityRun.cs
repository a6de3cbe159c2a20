using System.Diagnostics;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Hub;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>Measures perplexity, block by block: holds one block and the windows' states, never the model.</summary>
public static class PerplexityRun
{
    private const int LongestDefaultWindow = 2048;

    /// <summary>exp of the mean next-token loss.</summary>
    /// <exception cref="Errors.OneCompException">The model, text or device cannot be used, or the loss is not finite.</exception>
    public static PerplexityResult Run(PerplexityOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = Stopwatch.StartNew();
        using var model = ModelFolder.Open(options.Model);
        var device = ComputeDevices.Parse(options.Device);
        var maxLength = options.MaxLength ?? Math.Min(LongestDefaultWindow, model.Config.MaxPositionEmbeddings);
        var stride = options.Stride ?? maxLength;
        CheckRange(maxLength, stride);

        var windows = EvaluationText.Load(options, model.Config, maxLength, stride, token);
        var batches = Batches(windows, device);
        var (loss, tokens) = Loss(model, batches, device, progress, token);
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

    private static void CheckRange(int maxLength, int stride)
    {
        if (maxLength < 2 || stride < 1 || stride > maxLength)
        {
            throw new CalibrationException(CalibrationError.OptionOutOfRange, maxLength < 2 ? "MaxLength" : "Stride", $"MaxLength is {maxLength} and Stride {stride}; MaxLength has to be at least 2, and Stride in 1..{maxLength}.");
        }
    }

    /// <summary>Windows of equal length together.</summary>
    private static List<EvaluationWindow[]> Batches(IReadOnlyList<EvaluationWindow> windows, Device device) =>
        [.. windows.GroupBy(window => window.Ids.Length).SelectMany(group => group.Chunk(HiddenStates.WindowsPerBatch(group.Key, device)))];

    private static (double Loss, long Tokens) Loss(CausalModel model, List<EvaluationWindow[]> batches, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var type = ComputeType.For(device, model.Config.TorchDType);
        var ids = batches.Select(batch => tensor(batch.SelectMany(window => window.Ids).ToArray(), dtype: ScalarType.Int64).reshape(batch.Length, -1)).ToList();
        using var states = HiddenStates.Embed(model, ids, device, type);
        var activity = "Measuring " + ModelReference.DisplayName(model.Config.Folder);
        var blocks = model.Config.NumLayers;
        for (var index = 0; index < blocks; index++)
        {
            progress?.Report(new ProgressEvent(0, activity, $"block {index + 1} of {blocks}", index, blocks + 1));
            using var block = model.LoadBlock(index, device, type);
            BlockWalk.Forward(block, states, token);
        }

        progress?.Report(new ProgressEvent(0, activity, "head", blocks, blocks + 1));
        var result = HeadLoss(model, batches, states, device, type, token);
        progress?.Report(new ProgressEvent(0, activity, "done", blocks + 1, blocks + 1));
        return result;
    }

    private static (double Loss, long Tokens) HeadLoss(CausalModel model, List<EvaluationWindow[]> batches, HiddenStates states, Device device, ScalarType type, CancellationToken token)
    {
        using var head = model.LoadHead(device, type);
        var (loss, tokens) = (0.0, 0L);
        for (var i = 0; i < states.Count; i++)
        {
            using var batchScope = NewDisposeScope();
            var hidden = states.Load(i);
            for (var w = 0; w < batches[i].Length; w++)                                   // logits are wide: one window at a time
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var (ids, first) = batches[i][w];
                var logits = head.Forward(hidden.narrow(0, w, 1)).squeeze(0).to(ScalarType.Float32);   // (tokens, vocabulary)
                var targets = tensor(ids[first..], dtype: ScalarType.Int64, device: device);
                var predictions = logits.narrow(0, first - 1, ids.Length - first);
                loss += nn.functional.cross_entropy(predictions, targets, reduction: TorchSharp.torch.nn.Reduction.Sum).to(ScalarType.Float64).item<double>();
                tokens += ids.Length - first;
            }
        }

        return (loss, tokens);
    }
}
