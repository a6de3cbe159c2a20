namespace OneComp.Quantization.AutoBit;

/// <summary>What a candidate costs at a layer.</summary>
public enum CostMetric
{
    /// <summary>Σ ΔW² of round-to-nearest.</summary>
    Rtn,

    /// <summary>Σ b_q·a_p·ΔW_qp² of round-to-nearest, with the inputs' second moments a and the loss's curvature b at the outputs.</summary>
    ActivationAware,

    /// <summary>
    /// Σ over tokens and outputs of (∂L/∂y)²·(ŷ - y)² of the layer quantized by the candidate itself: the rise in loss to second order,
    /// with the squared gradient for the curvature.
    /// </summary>
    Quantized,
}
