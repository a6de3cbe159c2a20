using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>The steps of a quantization run without error propagation, each timed on its own.</summary>
internal static class PhasedRun
{
    public const string Load = "load", Forward = "forward", Gram = "gram", Factor = "factor", Quantize = "quantize", Save = "save", Copy = "finish";

    /// <summary>Quantizes the model at <paramref name="folder"/> into <paramref name="destination"/>; without a guard nothing is looked at for being finite.</summary>
    public static void Run(string folder, string destination, GptqQuantizer quantizer, Device device, PhaseClock clock, NumericGuard? guard)
    {
        Directory.CreateDirectory(destination);
        using var noGrad = no_grad();
        using var model = ModelFolder.OpenSource(folder);
        var type = ComputeType.For(device, model.Config.TorchDType);
        var plan = new QuantizationPlan(
            [.. model.Topology.Layers.Where(layer => layer.Block >= 0).Select(layer => new PlannedLayer(layer, quantizer))],
            new AssignmentSummary { Model = folder, Strategy = quantizer.Name, EffectiveBits = 0 });
        using var writer = new QuantizedCheckpointWriter(destination, model, plan);
        using var states = clock.Time("embed", () => Embed(model, folder, device, type));
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var block = clock.Time(Load, () => model.LoadBlock(index, device, type));
            using var hessians = new StageHessians();
            foreach (var layer in model.Topology.LayersOf(index))
            {
                hessians.Prepare(layer, device, quantizer.HessianType);
            }

            clock.Time(Forward, () => BlockWalk.Forward(block, states, default, (_, layer, input) => clock.TimeInside(Forward, Gram, () => hessians.Add(layer, input)), guard));
            foreach (var planned in plan.Layers.Where(planned => planned.Layer.Block == index))
            {
                using var scope = NewDisposeScope();
                var hessian = hessians.Of(planned.Layer)!;
                var weight = block.Weight(planned.Layer).to(ScalarType.Float32);
                clock.Time(Factor, () => hessian.Factor(quantizer.PercDamp, quantizer.ActOrder, planned.Layer.Name, null));
                using var quantized = clock.Time(Quantize, () => quantizer.Quantize(new LayerProblem(planned.Layer, weight, hessian, null), default));
                clock.Time(Save, () => writer.Write(quantized));
            }
        }

        clock.Time(Copy, () => writer.Complete(default));
    }

    private static HiddenStates Embed(CausalModel model, string folder, Device device, ScalarType type)
    {
        var ids = TokenBatches.Of(TokenIdFile.Read(RandomModel.IdsPath(folder)), device);
        try
        {
            return EmbeddedStates.Of(model, ids, device, type);
        }
        finally
        {
            foreach (var batch in ids)
            {
                batch.Dispose();
            }
        }
    }
}
