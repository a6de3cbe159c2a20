using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>
/// Reads weights out of a checkpoint, each held against the name and shape that the topology expects. Every tensor that a
/// method returns belongs to the caller and to no dispose scope.
/// </summary>
internal sealed class WeightReader(Checkpoint checkpoint, IWeightDecoder? decoder)
{
    /// <summary>A layer's weight as stored, or decoded (F32), on the CPU.</summary>
    /// <exception cref="ModelException">It is missing, or of another shape or type than expected.</exception>
    public Tensor ReadWeight(LinearLayer layer)
    {
        long[] shape = [layer.OutFeatures, layer.InFeatures];
        if (decoder?.CanDecode(checkpoint, layer) != true)
        {
            return Read(layer.WeightName, shape);
        }

        var weight = decoder.Decode(checkpoint, layer).DetachFromDisposeScope();
        if (weight.shape.AsSpan().SequenceEqual(shape))
        {
            return weight;
        }

        using (weight)
        {
            throw WrongShape(layer.WeightName, shape, weight.shape);
        }
    }

    /// <summary>A layer's weight, ready to compute with.</summary>
    /// <exception cref="ModelException">As <see cref="ReadWeight"/>, or a value is not finite.</exception>
    public Tensor LoadWeight(LinearLayer layer, Device device, ScalarType dtype) => decoder?.CanDecode(checkpoint, layer) == true
        ? Place(layer.WeightName, ReadWeight(layer), device, dtype)
        : Place(layer.WeightName, Read(layer.WeightName, [layer.OutFeatures, layer.InFeatures], device), device, dtype);

    /// <summary>Another tensor, ready to compute with.</summary>
    /// <exception cref="ModelException">It is missing, of another shape or type than expected, or not finite.</exception>
    public Tensor Load(ModelTensor tensor, Device device, ScalarType dtype) =>
        Place(tensor.Name, Read(tensor.Name, tensor.Shape, device), device, dtype);

    /// <summary>Reads a tensor in its stored type: onto a GPU where copies can go beside its work, else into main memory.</summary>
    private unsafe Tensor Read(string name, IReadOnlyList<long> shape, Device? device = null)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out var entry))
        {
            throw new ModelException(
                ModelError.TensorMissing, name,
                $"The checkpoint in {checkpoint.Folder} has no tensor '{name}', expected one of shape {Format(shape)}. " +
                "The download may be incomplete, or config.json may belong to another model.");
        }

        if (!entry.Shape.SequenceEqual(shape))
        {
            throw WrongShape(name, shape, entry.Shape);
        }

        var copies = device is null ? null : GpuCopies.For(device);
        var result = empty([.. shape], StoredType(entry), copies is null ? CPU : device).DetachFromDisposeScope();
        try
        {
            if (copies is null)
            {
                checkpoint.CopyTo(entry, TensorMemory.PointerOf(result));
            }
            else
            {
                copies.Fill(result, (offset, memory, count) => checkpoint.Copy(entry, offset, memory, count));
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a tensor and puts it on the device. It travels in its stored type, which is the smaller.</summary>
    private static Tensor Place(string name, Tensor stored, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        scope.Attach(stored);
        var result = stored.to(device).to(dtype);
        if (IsFinite(result))
        {
            return result.DetachFromDisposeScope();
        }

        throw IsFinite(stored)
            ? new ModelException(
                ModelError.TensorOverflows, name,
                $"Tensor '{name}' has values beyond the range of {dtype}. Compute in BFloat16 or Float32.")
            : new ModelException(
                ModelError.TensorNotFinite, name,
                $"Tensor '{name}' has values that are NaN or infinite, expected finite weights. Download the model again.");
    }

    private static bool IsFinite(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var (least, most) = tensor.aminmax(); // NaN anywhere makes both NaN
        return float.IsFinite(least.to(ScalarType.Float32).item<float>())
            && float.IsFinite(most.to(ScalarType.Float32).item<float>());
    }

    private ScalarType StoredType(TensorEntry entry) => entry.DType switch
    {
        DType.F32 => ScalarType.Float32,
        DType.F16 => ScalarType.Float16,
        DType.BF16 => ScalarType.BFloat16,
        _ => throw new ModelException(
            ModelError.TensorTypeWrong, entry.Name,
            $"Tensor '{entry.Name}' in {checkpoint.Folder} is of type {DTypes.NameOf(entry.DType)}, expected F32, F16 or BF16."),
    };

    private ModelException WrongShape(string name, IReadOnlyList<long> expected, IReadOnlyList<long> found) => new(
        ModelError.TensorShapeWrong, name,
        $"Tensor '{name}' in {checkpoint.Folder} has shape {Format(found)}, expected {Format(expected)} by config.json.");

    private static string Format(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
