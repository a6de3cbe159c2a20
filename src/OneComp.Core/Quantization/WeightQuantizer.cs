using OneComp.Models;

namespace OneComp.Quantization;

/// <summary>A quantizer that treats each layer on its own: what a plan assigns to a layer.</summary>
public abstract record WeightQuantizer : Quantizer
{
    /// <summary>True when <see cref="Quantize"/> needs the Hessian of the layer's input.</summary>
    public abstract bool NeedsHessian { get; }

    /// <summary>True when <see cref="Quantize"/> makes use of the curvature of the loss at the layer's outputs, where it is known.</summary>
    public virtual bool NeedsCurvature => false;

    /// <summary>The layout that this quantizer gives a layer.</summary>
    public abstract LayerScheme SchemeFor(LinearLayer layer);

    /// <summary>Quantizes one layer.</summary>
    /// <param name="problem">The layer with its weight and statistics; only borrowed.</param>
    /// <param name="token">Stops between column blocks.</param>
    /// <returns>The codes and scales, which the caller owns.</returns>
    internal abstract QuantizedWeight Quantize(LayerProblem problem, CancellationToken token);
}
