using System.Diagnostics;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>
/// Measures how far a model lies from the one it was made from: the mean Kullback-Leibler divergence of its next-token
/// distributions. Walks one model and then the other block by block; holds one block and the windows' states of both.
/// </summary>
public static class DivergenceRun
{
    /// <summary>Measures.</summary>
    /// <exception cref="ModelException">A model cannot be used, or the two have other vocabularies.</exception>
    /// <exception cref="Errors.OneCompException">The text or device cannot be used, or a loss is not finite.</exception>
    public static DivergenceResult Run(DivergenceOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = Stopwatch.StartNew();
        using var pool = new GpuPool();
        using var reference = ModelFolder.Open(options.Reference);
        using var model = ModelFolder.Open(options.Model);
        if (reference.Config.VocabularySize != model.Config.VocabularySize)
        {
            throw new ModelException(ModelError.VocabulariesDiffer, options.Model, $"{options.Model} has a vocabulary of {model.Config.VocabularySize} tokens, {options.Reference} one of {reference.Config.VocabularySize}: their distributions cannot be compared. Give -Reference the model that the other was made from.");
        }

        var device = ComputeDevices.Parse(options.Device);
        var (maxLength, stride) = WindowRange.Of(options.MaxLength, options.Stride, reference.Config);
        var windows = EvaluationText.Load(options, reference.Config, maxLength, stride, token);
        var bound = EvaluationMemory.Of(reference, windows.Max(window => window.Ids.Length), device);
        var sums = bound.Run(() => Measure(reference, model, FinalStates.Batches(windows, device), device, bound, progress, token));
        if (!double.IsFinite(sums.Divergence) || !double.IsFinite(sums.Loss) || !double.IsFinite(sums.ReferenceLoss))
        {
            throw new NumericException(NumericError.StatisticNotFinite, options.Model, $"{options.Model}: the divergence from {options.Reference} is not a finite number. Use -Device cpu (float32), or check the models' weights.");
        }

        return new DivergenceResult
        {
            Model = model.Config.Folder,
            Reference = reference.Config.Folder,
            Path = options.Path,
            KLDivergence = sums.Divergence / sums.Tokens,
            Top1Agreement = (double)sums.Agreements / sums.Tokens,
            Perplexity = Math.Exp(sums.Loss / sums.Tokens),
            ReferencePerplexity = Math.Exp(sums.ReferenceLoss / sums.Tokens),
            Tokens = sums.Tokens,
            Windows = windows.Count,
            MaxLength = maxLength,
            Stride = stride,
            Elapsed = clock.Elapsed,
        };
    }

    private static Sums Measure(CausalModel reference, CausalModel model, List<EvaluationWindow[]> batches, Device device, MemoryBound bound, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var noGrad = no_grad();
        using var referenceStates = FinalStates.Of(reference, batches, device, bound, progress, token);
        FinalStates.Done(reference, progress);
        using var states = FinalStates.Of(model, batches, device, bound, progress, token);
        using var referenceHead = reference.LoadHead(device, ComputeType.For(device, reference.Config.TorchDType));
        using var head = model.LoadHead(device, ComputeType.For(device, model.Config.TorchDType));
        var (sums, pieces) = (new Sums(), new TokenPieces(device, progress));
        for (var i = 0; i < states.Count; i++)
        {
            using var batchScope = NewDisposeScope();
            var (p, q) = (referenceStates.Load(i), states.Load(i));
            for (var w = 0; w < batches[i].Length; w++)                                   // logits are wide: one window at a time
            {
                token.ThrowIfCancellationRequested();
                var window = batches[i][w];
                pieces.Each(window.Scored, (first, count) =>
                {
                    using var scope = NewDisposeScope();
                    sums.Add(
                        ScoredLogits.Of(referenceHead, p, w, window, first, count),
                        ScoredLogits.Of(head, q, w, window, first, count),
                        ScoredLogits.Targets(window, first, count, device));
                });
            }
        }

        FinalStates.Done(model, progress);
        return sums;
    }

    private sealed class Sums
    {
        public double Divergence { get; private set; }

        public double Loss { get; private set; }

        public double ReferenceLoss { get; private set; }

        public long Agreements { get; private set; }

        public long Tokens { get; private set; }

        /// <summary>Adds tokens of a window: log-probabilities (tokens, vocabulary) of both models, and the tokens that came. All or, where memory runs out, nothing.</summary>
        public void Add(Tensor reference, Tensor model, Tensor targets)
        {
            var divergence = Total(reference.exp().mul_(reference - model));
            var loss = Total(nn.functional.nll_loss(model, targets, reduction: nn.Reduction.Sum));
            var referenceLoss = Total(nn.functional.nll_loss(reference, targets, reduction: nn.Reduction.Sum));
            Agreements += (long)Total(reference.argmax(1).eq(model.argmax(1)));
            Divergence += divergence;
            Loss += loss;
            ReferenceLoss += referenceLoss;
            Tokens += targets.shape[0];
        }

        private static double Total(Tensor values) => values.to(ScalarType.Float64).sum().item<double>();
    }
}
