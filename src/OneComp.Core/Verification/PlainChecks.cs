using OneComp.Export.Gguf;
using OneComp.Formats;
using OneComp.Safetensors;

namespace OneComp.Verification;

/// <summary>Tensors that are not quantized.</summary>
internal static class PlainChecks
{
    private const int ValuesAtOnce = 1 << 20;

    /// <summary>Every weight of the architecture is there, of its shape, unless quantized tensors stand for it.</summary>
    public static IEnumerable<(string Target, string Fault)> Tensors(QuantizedModel model)
    {
        var quantized = model.Layers.Select(layer => layer.WeightName).ToHashSet();
        foreach (var tensor in model.Model.Topology.Tensors)
        {
            var found = model.Model.Checkpoint.Tensors.GetValueOrDefault(tensor.Name);
            if (quantized.Contains(tensor.Name))
            {
                if (found is not null)
                {
                    yield return (tensor.Name, "The weight is there plain and quantized: loaders may take either.");
                }
            }
            else if (found is null)
            {
                yield return (tensor.Name, $"The tensor is missing; one of [{string.Join(", ", tensor.Shape)}] is expected.");
            }
            else if (!found.Shape.SequenceEqual(tensor.Shape) || !IsFloat(found))
            {
                yield return (tensor.Name, $"The tensor is {DTypes.NameOf(found.DType)} [{string.Join(", ", found.Shape)}]; a float of [{string.Join(", ", tensor.Shape)}] is expected.");
            }
        }
    }

    /// <summary>Every value of them is finite.</summary>
    public static IEnumerable<(string Target, string Fault)> Values(QuantizedModel model, CancellationToken token)
    {
        var buffer = new float[ValuesAtOnce];
        foreach (var entry in model.Model.Checkpoint.Tensors.Values.Where(entry => IsFloat(entry) && model.LayerOf(entry.Name) is null))
        {
            for (long start = 0; start < entry.ElementCount; start += buffer.Length)
            {
                token.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.ElementCount - start));
                TensorRows.Read(model.Model.Checkpoint, entry, start, 1, piece);
                if (AnyNotFinite(piece))
                {
                    yield return (entry.Name, "The tensor holds NaN or infinite values.");
                    break;
                }
            }
        }
    }

    private static bool AnyNotFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFloat(TensorEntry entry) => entry.DType is DType.F32 or DType.F16 or DType.BF16;
}
