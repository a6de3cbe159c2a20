using System.Runtime.InteropServices;
using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline.Memory;

/// <summary>What observers of a pass add is added whole or not at all: the pass comes again with fewer windows. Memory runs out for real, at tensors that no address space holds.</summary>
public class SummedOnceTests
{
    private const int Tokens = 6;

    [Fact]
    public void Sums_for_sensitivities_hold_nothing_of_what_had_no_room()
    {
        using var scope = NewDisposeScope();
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var layer = block.Layers[0];
        var (input, gradient) = (randn(2, Tokens, layer.InFeatures), randn(2, Tokens, layer.OutFeatures));
        (float[], float[])? found = null;
        using var sums = new SensitivitySums((_, sensitivities) => found = (Values(sensitivities[layer.Name].InputMoments), Values(sensitivities[layer.Name].OutputCurvature)), CPU);
        sums.Begin(block, null!, null!, default);
        RunsOut(() => sums.Add(layer, input, Endless(layer.OutFeatures)));
        RunsOut(() => sums.Add(layer, Endless(layer.InFeatures), gradient));
        sums.Add(layer, input, gradient);
        sums.End(block);

        Assert.Equal(Values(input.pow(2).mean([0, 1])), found!.Value.Item1, Near);
        Assert.Equal(Values(gradient.pow(2).mean([0, 1])), found.Value.Item2, Near);
    }

    [Fact]
    public void Costs_hold_nothing_of_what_had_no_room()
    {
        using var scope = NewDisposeScope();
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        var layer = block.Layers[0];
        var (input, gradient) = (randn(2, Tokens, layer.InFeatures), randn(2, Tokens, layer.OutFeatures));
        Assert.Equal(Cost(runsOut: false), Cost(runsOut: true));

        double Cost(bool runsOut)
        {
            using var costs = new QuantizedCosts(new AutoBitQuantizer { TargetBit = 3, Quantizers = [new RtnQuantizer { WBits = 3 }] }, new HashSet<string> { layer.Name }, CPU, null);
            costs.Begin(block, null!, null!, default);
            if (runsOut)
            {
                RunsOut(() => costs.Add(layer, Endless(layer.InFeatures), gradient));
            }

            costs.Add(layer, input, gradient);
            costs.End(block);
            return costs.Costs[layer.Name][0];
        }
    }

    /// <summary>Zeros of a few bytes whose every function has 2⁴⁴ rows.</summary>
    private static Tensor Endless(int channels) => zeros(1, 1, 1).expand(1L << 24, 1L << 20, channels);

    private static void RunsOut(Action add) => Assert.True(Outcome.IsOutOfMemory(Assert.ThrowsAny<ExternalException>(add)));

    private static bool Near(float one, float other) => MathF.Abs(one - other) <= 1e-5f * MathF.Max(1, MathF.Abs(other));

    private static float[] Values(Tensor tensor) => tensor.data<float>().ToArray();
}
