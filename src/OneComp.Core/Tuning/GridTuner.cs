using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// The scales and codes of a quantized model while they are tuned: gives every block that is loaded its weights, and takes a step when a
/// walk back has given the block's gradients.
/// </summary>
internal sealed class GridTuner : IGradientObserver, IDisposable
{
    private readonly Dictionary<string, TunedLayer> _layers = [];

    /// <summary>Starts with the model as it is.</summary>
    /// <param name="model">The quantized model.</param>
    /// <param name="source">What it was made from.</param>
    /// <param name="device">Where to compute.</param>
    public GridTuner(QuantizedModel model, CausalModel source, Device device)
    {
        foreach (var block in model.Layers.Where(layer => model.GridOf(layer) is not null).GroupBy(layer => layer.Block))
        {
            using var weights = source.LoadBlock(block.Key, device, ScalarType.Float32);
            foreach (var layer in block)
            {
                _layers.Add(layer.Name, new TunedLayer(((GroupedWeight)model.Read(layer)).To(device), weights.Weight(layer)));
            }
        }
    }

    /// <summary>How far the next step goes: change of a scale's logarithm, about.</summary>
    public double ScaleRate { get; set; }

    /// <summary>How far the next step goes: change of a code, about; 0 to leave codes.</summary>
    public double CodeRate { get; set; }

    /// <summary>Layers that are tuned.</summary>
    public int Count => _layers.Count;

    /// <summary>The layers as they are now, one at a time; the caller owns each.</summary>
    public IEnumerable<GroupedWeight> Results() => _layers.Values.Select(layer => layer.Result());

    /// <summary>Gives a block that was just loaded the weights as they are now.</summary>
    public void Put(DecoderBlock block)
    {
        using var noGrad = no_grad();
        foreach (var layer in Tuned(block))
        {
            using var weight = _layers[layer.Name].Weight();
            block.SetWeight(layer, weight);
        }
    }

    public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
    {
    }

    public void Add(LinearLayer layer, Tensor input, Tensor gradient)
    {
        if (_layers.TryGetValue(layer.Name, out var tuned))
        {
            tuned.Add(input.reshape(-1, input.shape[^1]), gradient.reshape(-1, gradient.shape[^1]));
        }
    }

    public void End(DecoderBlock block)
    {
        using var noGrad = no_grad();
        foreach (var layer in Tuned(block))
        {
            _layers[layer.Name].Step(ScaleRate, CodeRate);
        }
    }

    public void Dispose()
    {
        foreach (var layer in _layers.Values)
        {
            layer.Dispose();
        }
    }

    private IEnumerable<LinearLayer> Tuned(DecoderBlock block) => block.Layers.Where(layer => _layers.ContainsKey(layer.Name));
}
