using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>How much errors in a layer's weights matter, by the diagonals of its two curvature factors. Owns its tensors.</summary>
/// <param name="InputMoments">a, (d_in) float32: mean over tokens of x².</param>
/// <param name="OutputCurvature">b, (d_out) float32: Σ over tokens of g² / tokens, g the loss's gradient at the output.</param>
internal sealed record LayerSensitivity(Tensor InputMoments, Tensor OutputCurvature) : IDisposable
{
    public void Dispose()
    {
        InputMoments.Dispose();
        OutputCurvature.Dispose();
    }
}
