using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Export;

/// <summary>A layer written out as a plain weight in half precision, a few rows at a time.</summary>
internal sealed class DenseTarget(LinearLayer layer, DType type) : LayerTarget(layer)
{
    public override IReadOnlyList<TensorSpec> Specs => [new TensorSpec(Layer.WeightName, type, [Layer.OutFeatures, Layer.InFeatures])];

    public override void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf)
    {
        var file = fileOf(Layer.WeightName);
        foreach (var (start, rows) in RowPieces.Of(weight))
        {
            using var scope = NewDisposeScope();
            var half = rows.to(type == DType.BF16 ? ScalarType.BFloat16 : ScalarType.Float16);
            if (!half.isfinite().all().item<bool>())
            {
                throw new ExportException(ExportError.ValueOutOfRange, Layer.Name, $"Layer {Layer.Name}: a weight is beyond the range of {DTypes.NameOf(type)}. Export it as {DTypes.NameOf(DType.BF16)}.");
            }

            file.Write(Layer.WeightName, (long)start * Layer.InFeatures * DTypes.SizeOf(type), half.bytes);
        }
    }
}
