using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// The scales of a quantized model while they are tuned: scales every block that is loaded, and takes a step when a walk back has given
/// the block's gradients. Holds three numbers for each scale.
/// </summary>
internal sealed class ScaleTuner : IGradientObserver, IDisposable
{
    private readonly QuantizedModel _model;
    private readonly Dictionary<string, LayerFactors> _factors = [];

    /// <summary>Starts with the scales as they are.</summary>
    public ScaleTuner(QuantizedModel model, Device device)
    {
        _model = model;
        foreach (var layer in model.Layers)
        {
            if (model.GridOf(layer) is { } grid)
            {
                _factors.Add(layer.Name, new LayerFactors(grid.GroupIndex, layer.OutFeatures, grid.Groups, device));
            }
        }
    }

    /// <summary>How far the next step goes: change of a scale's logarithm, about.</summary>
    public double Rate { get; set; }

    /// <summary>Layers that have scales to tune.</summary>
    public int Count => _factors.Count;

    /// <summary>What each layer's scales are to be multiplied by, (d_out, groups) row-major.</summary>
    public IEnumerable<(LinearLayer Layer, float[] Factors)> Results() => Tuned(_model.Layers).Select(layer => (layer, _factors[layer.Name].Values()));

    /// <summary>Gives a block that was just loaded the scales as they are now.</summary>
    public void Scale(DecoderBlock block)
    {
        using var noGrad = no_grad();
        foreach (var layer in Tuned(block.Layers))
        {
            using var weight = _factors[layer.Name].Apply(block.Weight(layer));
            block.SetWeight(layer, weight);
        }
    }

    public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
    {
    }

    public void Add(LinearLayer layer, Tensor input, Tensor gradient)
    {
        if (_factors.TryGetValue(layer.Name, out var factors))
        {
            factors.Add(input.reshape(-1, input.shape[^1]), gradient.reshape(-1, gradient.shape[^1]));
        }
    }

    public void End(DecoderBlock block)
    {
        using var noGrad = no_grad();
        foreach (var layer in Tuned(block.Layers))
        {
            _factors[layer.Name].Step(block.Weight(layer), Rate);
        }
    }

    public void Dispose()
    {
        foreach (var factors in _factors.Values)
        {
            factors.Dispose();
        }
    }

    private IEnumerable<LinearLayer> Tuned(IEnumerable<LinearLayer> layers) => layers.Where(layer => _factors.ContainsKey(layer.Name));
}
