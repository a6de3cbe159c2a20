using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization;

/// <summary>What there is to know of a layer that is to be quantized.</summary>
/// <param name="Layer">Its name and shape.</param>
/// <param name="Weight">W, (d_out, d_in), float32, on the device that works. Borrowed; never changed.</param>
/// <param name="Hessian">H of the layer's input, shared with the layers that read the same input; null where none was asked for.</param>
/// <param name="Progress">Where warnings go.</param>
/// <param name="OutputCurvature">
/// b, (d_out), float32: the mean over tokens of the squared gradient of the loss for each output; null where it is not known.
/// Borrowed.
/// </param>
internal sealed record LayerProblem(LinearLayer Layer, Tensor Weight, LayerHessian? Hessian, IProgress<RunEvent>? Progress, Tensor? OutputCurvature = null);
