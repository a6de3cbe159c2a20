using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Verification;

/// <summary>The folder against the model that it was made from: nothing lost, nothing else changed.</summary>
internal static class SourceChecks
{
    private const int BytesAtOnce = 1 << 20;

    /// <summary>Runs them.</summary>
    public static void Run(CheckList list, QuantizedModel model, string source, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        CausalModel? opened = null;
        try
        {
            if (!list.Run("Source", "The source is a model that is not quantized.", Open(source, model => opened = model)))
            {
                return;
            }

            list.Run("SourceTensors", $"{opened!.Checkpoint.Tensors.Count} tensors of the source are there, quantized or as they were.", Set(model, opened));
            if (model.Settings.Method is null)
            {
                return; // dequantized weights are other bytes, and nothing says which they were
            }

            list.Run("SourceBytes", "Tensors that are not quantized are those of the source, byte for byte.", Bytes(model, opened, token));
            list.Run("SourceConfig", "config.json is the source's, but for the quantization.", Config(model, opened));
            list.Run("SourceWeights", "Quantized layers are close to the source's.", Weights(model, opened, sound, token));
        }
        finally
        {
            opened?.Dispose();
        }
    }

    // An iterator has no by-reference parameters, so that the model goes out through a call.
    private static IEnumerable<(string Target, string Fault)> Open(string source, Action<CausalModel> opened)
    {
        if (CheckList.FaultOf(() => opened(ModelFolder.OpenSource(source))) is { } fault)
        {
            yield return (source, fault);
        }
    }

    private static IEnumerable<(string Target, string Fault)> Set(QuantizedModel model, CausalModel source)
    {
        var (result, quantized) = (model.Model.Checkpoint, model.Layers.Select(layer => layer.WeightName).ToHashSet());
        foreach (var entry in source.Checkpoint.Tensors.Values.Where(entry => !quantized.Contains(entry.Name) && !result.Contains(entry.Name)))
        {
            yield return (entry.Name, $"The source has the tensor ({DTypes.NameOf(entry.DType)} [{string.Join(", ", entry.Shape)}]), the result does not.");
        }

        foreach (var layer in model.Layers.Where(layer => !source.Checkpoint.Contains(layer.WeightName)))
        {
            yield return (layer.Name, "The layer is quantized, but the source has no weight of it.");
        }

        foreach (var name in result.Tensors.Keys.Where(name => model.LayerOf(name) is null && !source.Checkpoint.Contains(name)))
        {
            yield return (name, "The result has the tensor, the source does not.");
        }
    }

    private static IEnumerable<(string Target, string Fault)> Bytes(QuantizedModel model, CausalModel source, CancellationToken token)
    {
        var (one, other) = (new byte[BytesAtOnce], new byte[BytesAtOnce]);
        foreach (var entry in model.Model.Checkpoint.Tensors.Values.Where(entry => model.LayerOf(entry.Name) is null && source.Checkpoint.Contains(entry.Name)))
        {
            var original = source.Checkpoint.Require(entry.Name);
            if (original.DType != entry.DType || !original.Shape.SequenceEqual(entry.Shape))
            {
                yield return (entry.Name, $"The tensor is {DTypes.NameOf(entry.DType)} [{string.Join(", ", entry.Shape)}]; in the source it is {DTypes.NameOf(original.DType)} [{string.Join(", ", original.Shape)}].");
                continue;
            }

            for (long offset = 0; offset < entry.ByteCount; offset += BytesAtOnce)
            {
                token.ThrowIfCancellationRequested();
                var count = (int)Math.Min(BytesAtOnce, entry.ByteCount - offset);
                model.Model.Checkpoint.CopyTo(entry, offset, one.AsSpan(0, count));
                source.Checkpoint.CopyTo(original, offset, other.AsSpan(0, count));
                if (one.AsSpan(0, count).CommonPrefixLength(other.AsSpan(0, count)) is var equal && equal < count)
                {
                    yield return (entry.Name, $"The tensor differs from the source's at byte {offset + equal}.");
                    break;
                }
            }
        }
    }

    private static IEnumerable<(string Target, string Fault)> Config(QuantizedModel model, CausalModel source)
    {
        var (result, original) = (model.Model.Config.Raw, source.Config.Raw);
        foreach (var name in result.Select(field => field.Key).Union(original.Select(field => field.Key)).Where(name => name != "quantization_config"))
        {
            if (!JsonNode.DeepEquals(result[name], original[name]))
            {
                yield return ("config.json", $"{name} is {result[name]?.ToJsonString() ?? "absent"}; in the source it is {original[name]?.ToJsonString() ?? "absent"}.");
            }
        }
    }

    // Zeros would be as far from the source as the source is large: further away is another layer's weight.
    private static IEnumerable<(string Target, string Fault)> Weights(QuantizedModel model, CausalModel source, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        foreach (var layer in sound.Where(layer => source.Checkpoint.Contains(layer.WeightName)))
        {
            token.ThrowIfCancellationRequested();
            var share = Distance(model, source, layer);
            if (!(share < 1))
            {
                yield return (layer.Name, $"The weight is {share:0.00} times as far from the source's as nothing but zeros would be.");
            }
        }
    }

    private static double Distance(QuantizedModel model, CausalModel source, LinearLayer layer)
    {
        using var scope = NewDisposeScope();
        using var weight = model.Read(layer);
        var original = source.ReadWeight(layer);
        scope.Attach(original);
        var (difference, size) = (0.0, 0.0);
        foreach (var (start, rows) in Export.RowPieces.Of(weight))
        {
            using var rowScope = NewDisposeScope();
            var expected = original.narrow(0, start, rows.shape[0]).to(ScalarType.Float32);
            difference += rows.sub(expected).square().sum().item<float>();
            size += expected.square().sum().item<float>();
        }

        return size == 0 ? difference : Math.Sqrt(difference / size);
    }
}
