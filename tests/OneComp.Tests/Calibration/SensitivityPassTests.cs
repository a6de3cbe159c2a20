using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Grids;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Calibration;

/// <summary>Curvature diagonals and candidate errors of every layer of tiny-llama, against the reference's.</summary>
public class SensitivityPassTests
{
    private static readonly int[] Bits = [2, 3, 4, 8];

    [Fact]
    public void Moments_curvature_and_errors_are_the_references()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var windows = new TokenWindows(Reference.Ints("calibration_ids"), 256);
        var a = new Dictionary<string, float[]>();
        var b = new Dictionary<string, float[]>();
        var errors = new Dictionary<string, double[]>();

        new SensitivityPass(model, windows, CPU, ScalarType.Float32).Run(
            (block, sensitivities) =>
            {
                foreach (var layer in block.Layers)
                {
                    var (moments, curvature) = sensitivities[layer.Name];
                    a.Add(layer.Name, moments.data<float>().ToArray());
                    b.Add(layer.Name, curvature.data<float>().ToArray());
                    errors.Add(layer.Name, [.. Bits.Select(bits => RtnError.Of(block.Weight(layer), new GroupScheme(bits, -1, false), moments, curvature))]);
                }
            },
            null,
            default);

        Assert.Equal(42, a.Count);
        Assert.All(a, pair => Assert.InRange(Reference.RelativeDifference(pair.Value, Reference.Floats("a_diag." + pair.Key)), 0, 1e-3));
        Assert.All(b, pair => Assert.InRange(Reference.RelativeDifference(pair.Value, Reference.Floats("b_diag." + pair.Key)), 0, 1e-3));
        Assert.All(Reference.ErrorsByLayer("errors_activation_aware"), layer => AssertClose(layer.Value, errors[layer.Key], 1e-3));
    }

    [Fact]
    public void Plain_errors_are_the_references()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var expected = Reference.ErrorsByLayer("errors_ilp");

        Assert.All(model.Topology.Layers.Where(layer => layer.Block >= 0), layer =>
        {
            using var weight = model.ReadWeight(layer);
            using var single = weight.to(ScalarType.Float32);
            AssertClose(expected[layer.Name], [.. Bits.Select(bits => RtnError.Of(single, new GroupScheme(bits, -1, false)))], 1e-4);
        });
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i] / expected[i], 1 - tolerance, 1 + tolerance);
        }
    }
}
