using OneComp.Runtime;
using OneComp.Runtime.Cpu;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Which windows of a batch hold something that no statistic can take.</summary>
internal static class FiniteRows
{
    /// <summary>
    /// The rows in which a value is NaN or infinite, or so large that the squares of a channel need not sum to a float32, in any of the tensors. One
    /// reduction for each tensor and one wait for the device, whatever the number of rows.
    /// </summary>
    /// <param name="values">(windows, tokens, channels), as many windows each. Borrowed.</param>
    public static int[] Missing(params IReadOnlyList<Tensor> values)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (found, rows, tokens) = (Largest(values), (int)values[0].shape[0], values[0].shape[1]);
        return [.. Enumerable.Range(0, rows).Where(row => Enumerable.Range(0, values.Count).Any(v => !float.IsFinite(found[(v * rows) + row] * found[(v * rows) + row] * tokens)))];
    }

    /// <summary>Largest magnitudes, (tensors, windows).</summary>
    private static float[] Largest(IReadOnlyList<Tensor> values) => values.All(value => HostKernels.Takes(value, value.numel() / value.shape[0]))
        ? [.. values.SelectMany(HostKernels.LargestOfRows)]
        : stack(values.Select(value => Magnitude.LargestOfRows(value).to(ScalarType.Float32))).cpu().data<float>().ToArray();
}
