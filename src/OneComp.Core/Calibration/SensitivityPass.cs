using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>a and b of every layer (DESIGN section 5), by one <see cref="GradientPass"/>.</summary>
internal sealed class SensitivityPass(CausalModel model, TokenWindows windows, Device device, ScalarType type)
{
    /// <summary>Runs the pass; blocks come last to first.</summary>
    /// <param name="visit">Gets each block with the sensitivity of its layers, by layer name; only borrowed.</param>
    /// <param name="progress">Told block by block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public void Run(
        Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit,
        IProgress<RunEvent>? progress,
        CancellationToken token)
    {
        using var sums = new Sums(visit, windows.Ids.Length, device);
        new GradientPass(model, windows, device, type).Run(sums, progress, token);
    }

    private sealed class Sums(Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit, long tokens, Device device) : IGradientObserver, IDisposable
    {
        private readonly Dictionary<string, LayerSensitivity> _sums = [];

        public void Begin(DecoderBlock block, HiddenStates inputs, CancellationToken token)
        {
            foreach (var layer in block.Layers)
            {
                _sums.Add(layer.Name, new LayerSensitivity(
                    zeros(layer.InFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope(),
                    zeros(layer.OutFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope()));
            }
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            _sums[layer.Name].InputMoments.add_(SumOfSquares(input));
            _sums[layer.Name].OutputCurvature.add_(SumOfSquares(gradient));
        }

        public void End(DecoderBlock block)
        {
            foreach (var sum in _sums.Values)
            {
                sum.InputMoments.div_(tokens);
                sum.OutputCurvature.div_(tokens);
            }

            visit(block, _sums);
            Dispose();
        }

        public void Dispose()
        {
            foreach (var sum in _sums.Values)
            {
                sum.Dispose();
            }

            _sums.Clear();
        }

        /// <summary>Over all tokens, for each channel: (channels) float32.</summary>
        private static Tensor SumOfSquares(Tensor values) =>
            values.to(ScalarType.Float32).pow(2).reshape(-1, values.shape[^1]).sum(dim: 0); // a bare 0 would bind as the type Byte
    }
}
