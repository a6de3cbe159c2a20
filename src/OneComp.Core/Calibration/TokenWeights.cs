using OneComp.Models;
using OneComp.Progress;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// How much each calibration token counts in a Hessian: by the squared gradient of the loss at the outputs of the layers that read
/// it (GuidedQuant, Kim et al. 2025, with one group of outputs). Mean 1 for each stage. Kept in main memory: 4 bytes for each token and stage.
/// </summary>
internal sealed class TokenWeights : IDisposable
{
    private readonly Dictionary<(int Block, BlockStage Stage), Tensor[]> _byStage = []; // (windows, tokens) for each batch

    private TokenWeights()
    {
    }

    /// <summary>Makes the weights by one forward and one backward over the blocks.</summary>
    /// <param name="model">The model in full precision.</param>
    /// <param name="windows">The windows, in the batches that they will be used in.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="type">Type of the activations.</param>
    /// <param name="progress">Told block by block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="Quantization.NumericException">The loss is not finite.</exception>
    public static TokenWeights Of(CausalModel model, TokenWindows windows, Device device, ScalarType type, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var weights = new TokenWeights();
        try
        {
            new GradientPass(model, windows, device, type).Run(new Energy(weights), progress, token);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The weights of a batch at a stage, (windows, tokens), float32. Borrowed.</summary>
    public Tensor Of(int block, BlockStage stage, int batch) => _byStage[(block, stage)][batch];

    public void Dispose()
    {
        foreach (var weights in _byStage.Values.SelectMany(batches => batches))
        {
            weights.Dispose();
        }
    }

    private sealed class Energy(TokenWeights weights) : IGradientObserver
    {
        private readonly Dictionary<string, int> _batches = []; // seen, by layer

        public void Begin(DecoderBlock block, HiddenStates inputs, CancellationToken token)
        {
            foreach (var stage in Enum.GetValues<BlockStage>())
            {
                weights._byStage.Add((block.Index, stage), new Tensor[inputs.Count]);
            }
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            var batch = _batches.GetValueOrDefault(layer.Name);
            _batches[layer.Name] = batch + 1;
            using var scope = NewDisposeScope();
            var energy = gradient.to(ScalarType.Float32).pow(2).sum(dim: 2).cpu();                       // (windows, tokens)
            ref var held = ref weights._byStage[(layer.Block, layer.Stage!.Value)][batch];
            held = held is null ? energy.DetachFromDisposeScope() : held.add_(energy);
        }

        public void End(DecoderBlock block)
        {
            foreach (var stage in Enum.GetValues<BlockStage>())
            {
                var batches = weights._byStage[(block.Index, stage)];
                var mean = batches.Sum(batch => batch.sum().item<float>()) / batches.Sum(batch => batch.numel());
                foreach (var batch in batches)
                {
                    batch.div_(Math.Max(mean, 1e-30f));
                }
            }
        }
    }
}
