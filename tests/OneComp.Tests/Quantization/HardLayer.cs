using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization;

/// <summary>A small layer, quantized by any method on inputs that a test chooses.</summary>
internal static class HardLayer
{
    public const int Rows = 6, Columns = 40;

    public static Tensor Normal(int rows, int columns) =>
        tensor(GptqSample.Normal(new Random((rows * 100) + columns), rows * columns, 0.05)).reshape(rows, columns);

    /// <summary>Quantized to 4 bits and back.</summary>
    public static Tensor Run(string method, Tensor weight, int groupSize = 16, Tensor? inputs = null)
    {
        var layer = GptqSample.Linear((int)weight.shape[0], (int)weight.shape[1]);
        using var hessian = new LayerHessian(layer.InFeatures, CPU, HessianType.Float32);
        hessian.Add(inputs ?? Normal(80, layer.InFeatures));
        using var quantized = Method(method, groupSize).Quantize(new LayerProblem(layer, weight, hessian, null, ones(layer.OutFeatures)), default);
        return quantized.Dequantize();
    }

    public static void AssertWithin(Tensor actual, Tensor expected, double distance)
    {
        var most = (actual - expected).abs().max().item<float>();
        Assert.True(most <= distance * 1.01, $"off by {most}, allowed {distance}");
    }

    private static WeightQuantizer Method(string name, int groupSize) => name switch
    {
        "rtn" => new RtnQuantizer { GroupSize = groupSize, Sym = true },
        "rtn asymmetric" => new RtnQuantizer { GroupSize = groupSize },
        "gptq" => new GptqQuantizer { GroupSize = groupSize },
        "gptq default" => GptqPresets.Of(QuantizationPreset.Default) with { GroupSize = groupSize },
        "gptq best" => GptqPresets.Of(QuantizationPreset.Best) with { GroupSize = groupSize },
        "gptq act-order" => new GptqQuantizer { GroupSize = groupSize, ActOrder = true, PercDamp = 0 },
        "gptq by row" => new GptqQuantizer { GroupSize = -1 },
        "dbf" => new DbfQuantizer { Iters = 4 },
        _ => throw new ArgumentException(name),
    };
}
