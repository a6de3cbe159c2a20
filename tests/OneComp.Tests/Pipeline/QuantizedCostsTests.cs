using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Pipeline;

/// <summary>What candidates cost when they are rated by what they do.</summary>
public class QuantizedCostsTests
{
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, 2 * 24).Select(i => (i * 131) % 4000)], 24);

    [Fact]
    public void A_cost_is_the_mean_over_tokens_of_squared_gradient_times_squared_change_of_the_output()
    {
        const string Name = "model.layers.1.mlp.gate_proj";
        using var model = CausalModel.Open(Repository.TinyLlama);
        var candidate = new RtnQuantizer { WBits = 3 };
        var costs = Costs(model, [candidate], [Name]);

        var seen = new Recorder(Name);
        new GradientPass(model, Windows, CPU, ScalarType.Float32).Run(seen, null, default);
        using var scope = NewDisposeScope();
        var layer = model.Topology.Layers.Single(layer => layer.Name == Name);
        var weight = model.LoadWeight(layer, CPU, ScalarType.Float32);
        var change = ((OneComp.Quantization.Grids.GroupedWeight)candidate.Quantize(new LayerProblem(layer, weight, null, null), default)).Dequantize() - weight;
        var expected = (seen.Gradient!.to(ScalarType.Float64).pow(2) * seen.Input!.to(ScalarType.Float64).matmul(change.to(ScalarType.Float64).t()).pow(2)).sum().item<double>() / Windows.Ids.Length;

        Assert.InRange(costs[Name][0] / expected, 0.999, 1.001);
        seen.Dispose();
    }

    [Fact]
    public void More_bits_cost_less_and_gptq_costs_less_than_rounding()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        string[] names = ["model.layers.2.self_attn.q_proj", "model.layers.2.mlp.down_proj"];
        var costs = Costs(model, [new GptqQuantizer { WBits = 2, PercDamp = 0.1 }, new GptqQuantizer { WBits = 4, PercDamp = 0.1 }, new RtnQuantizer { WBits = 2, Sym = true }], names);

        Assert.All(names, name =>
        {
            Assert.True(costs[name][1] < costs[name][0] * 0.2, $"{name}: 4 bits cost {costs[name][1]}, 2 bits {costs[name][0]}");
            Assert.True(costs[name][0] < costs[name][2], $"{name}: GPTQ costs {costs[name][0]}, rounding {costs[name][2]}");
        });
    }

    private static Dictionary<string, double[]> Costs(CausalModel model, WeightQuantizer[] candidates, string[] names)
    {
        var quantizer = new AutoBitQuantizer { TargetBit = 3, Quantizers = candidates };
        using var costs = new QuantizedCosts(quantizer, names.ToHashSet(), CPU, null);
        new GradientPass(model, Windows, CPU, ScalarType.Float32).Run(costs, null, default);
        return costs.Costs;
    }

    private sealed class Recorder(string name) : IGradientObserver, IDisposable
    {
        public Tensor? Input { get; private set; }

        public Tensor? Gradient { get; private set; }

        public void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token)
        {
        }

        public void Add(LinearLayer layer, Tensor input, Tensor gradient)
        {
            if (layer.Name == name)
            {
                (Input, Gradient) = (input.clone().DetachFromDisposeScope(), gradient.clone().DetachFromDisposeScope());
            }
        }

        public void End(DecoderBlock block)
        {
        }

        public void Dispose()
        {
            Input?.Dispose();
            Gradient?.Dispose();
        }
    }
}
