using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>Codes, scales and zero points of tiny-llama's first k_proj, whose inputs no quantization has touched yet.</summary>
public class ReferenceCodesTests
{
    private const double EqualShare = 0.995;

    // A row whose range is exactly ±max has its zero point half-way between two codes at every step of the mse search, and
    // float32 tips it one way or the other from step to step: there the reference may take a neighbouring step.
    private const double EqualScales = 0.99;
    private const double ScaleTolerance = 1.01 / 2048;
    private const string Layer = "model.layers.0.self_attn.k_proj";

    [Theory]
    [InlineData("gptq4_g128_sym")]
    [InlineData("gptq3_pc_asym_act_mse")]
    [InlineData("gptq3_g128_act_mse")]
    public void Codes_scales_and_zero_points_are_the_references(string tag)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var layer = block.Layers.Single(layer => layer.Name == Layer);
        using var hessian = HessianOf(model, block, layer);
        var options = QuantizerOf(tag);
        using var quantized = (GroupedWeight)options.Quantize(new LayerProblem(layer, block.Weight(layer), hessian, null), default);

        var order = hessian.Factor(options.PercDamp, options.ActOrder, Layer, null).Permutation ?? [.. Enumerable.Range(0, layer.InFeatures)];
        AssertShare("column positions", EqualShare, Permutation(tag, layer.InFeatures).Select(column => (float)column), [.. order.Select(column => (float)column)]);
        var expected = Reference.Bytes($"{tag}.{Layer}.qweight");
        AssertShare("codes", EqualShare, expected, quantized.Codes.data<byte>().ToArray());
        AssertShare("zero points", EqualShare, PerRow(tag, "qzeros", layer.OutFeatures), Values(quantized.Zeros));
        AssertShare("scales", EqualScales, PerRow(tag, "scales", layer.OutFeatures), Values(quantized.Scales), ScaleTolerance);
    }

    private static LayerHessian HessianOf(CausalModel model, DecoderBlock block, LinearLayer layer)
    {
        var hessian = new LayerHessian(layer.InFeatures, CPU, HessianType.Float32);
        using var scope = NewDisposeScope();
        var ids = TokenBatches.Of(new TokenWindows(Reference.Ints("calibration_ids"), 256), CPU);
        using var states = EmbeddedStates.Of(model, ids, CPU, ScalarType.Float32);
        BlockWalk.Forward(block, states, default, (_, observed, input) =>
        {
            if (observed == layer)
            {
                hessian.Add(input);
            }
        });
        foreach (var batch in ids)
        {
            batch.Dispose();
        }

        return hessian;
    }

    /// <summary>The order in which the reference quantized the columns. Its codes are stored in the model's order all the same.</summary>
    private static int[] Permutation(string tag, int columns) =>
        tag.Contains("_act_", StringComparison.Ordinal) ? Reference.Ints($"{tag}.{Layer}.perm") : [.. Enumerable.Range(0, columns)];

    /// <summary>The reference's [groups, d_out], or [d_out, 1] per channel, as (d_out, groups).</summary>
    private static float[] PerRow(string tag, string field, int rows)
    {
        var values = Reference.Floats($"{tag}.{Layer}.{field}");
        var groups = values.Length / rows;
        return [.. Enumerable.Range(0, values.Length).Select(i => values[(i % groups * rows) + (i / groups)])];
    }

    private static float[] Values(Tensor tensor)
    {
        using var single = tensor.to(ScalarType.Float32);
        return single.data<float>().ToArray();
    }

    private static void AssertShare(string what, double least, IEnumerable<byte> expected, IEnumerable<byte> actual) =>
        AssertShare(what, least, expected.Select(value => (float)value), [.. actual.Select(value => (float)value)], 0);

    private static void AssertShare(string what, double least, IEnumerable<float> expected, float[] actual, double relative = 0)
    {
        var differing = expected.Zip(actual).Count(pair => Math.Abs(pair.First - pair.Second) > relative * Math.Abs(pair.First));
        Assert.True(
            differing <= (1 - least) * actual.Length,
            string.Create(CultureInfo.InvariantCulture, $"{differing} of {actual.Length} {what} differ from the reference's"));
    }

    private static GptqQuantizer QuantizerOf(string tag) => tag switch
    {
        "gptq4_g128_sym" => new GptqQuantizer { WBits = 4 },
        "gptq3_pc_asym_act_mse" => new GptqQuantizer { WBits = 3, GroupSize = -1, Sym = false, ActOrder = true, Mse = true },
        "gptq3_g128_act_mse" => new GptqQuantizer { WBits = 3, ActOrder = true, Mse = true },
        _ => throw new ArgumentException(tag),
    };
}
