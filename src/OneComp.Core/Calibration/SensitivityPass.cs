using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime.Cuda;
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
        using var sums = new Sums(visit, device);
        new GradientPass(model, windows, device, type).Run(sums, progress, token);
    }

    private sealed class Sums(Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit, Device device) : IGradientObserver, IDisposable
    {
        private readonly Dictionary<string, LayerSensitivity> _sums = [];
        private readonly Dictionary<string, long> _tokens = []; // seen, by layer
        private Tensor? _lastInput;   // layers that read one input come one after the other, with one tensor
        private Tensor? _lastMoments; // in the batch's scope

        public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
        {
            foreach (var layer in block.Layers)
            {
                _tokens.Add(layer.Name, 0);
                _sums.Add(layer.Name, new LayerSensitivity(
                    zeros(layer.InFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope(),
                    zeros(layer.OutFeatures, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope()));
            }
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            _tokens[layer.Name] += input.shape[0] * input.shape[1];
            if (!ReferenceEquals(input, _lastInput))
            {
                (_lastInput, _lastMoments) = (input, SumOfSquares(input));
            }

            _sums[layer.Name].InputMoments.add_(_lastMoments!);
            _sums[layer.Name].OutputCurvature.add_(SumOfSquares(gradient));
        }

        public void End(DecoderBlock block)
        {
            foreach (var (layer, sum) in _sums)
            {
                sum.InputMoments.div_(Math.Max(1, _tokens[layer]));
                sum.OutputCurvature.div_(Math.Max(1, _tokens[layer]));
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
            _tokens.Clear();
        }

        /// <summary>Over all tokens, for each channel: (channels) float32.</summary>
        private static Tensor SumOfSquares(Tensor values) => BlockKernels.For(values, values.shape[^1]) is { } kernels
            ? BlockBackKernels.SquareSums(kernels, values)
            : values.to(ScalarType.Float32).pow(2).reshape(-1, values.shape[^1]).sum(dim: 0); // a bare 0 would bind as the type Byte
    }
}
