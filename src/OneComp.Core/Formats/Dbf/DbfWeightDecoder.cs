using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.Dbf;

/// <summary>Reads the weights of a dbf checkpoint, ours or another's. The inner width follows from the tensors' shapes.</summary>
/// <param name="settings">The quantization_config; null to go by the shapes.</param>
internal sealed class DbfWeightDecoder(QuantizationSettings? settings = null) : LayerReader
{
    public override string Method => DbfFormat.Instance.Method;

    public override bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => checkpoint.Contains(DbfNames.Inner(layer.Name));

    public override IReadOnlyList<string> TensorNames(LinearLayer layer) =>
        [DbfNames.Columns(layer.Name), DbfNames.Inner(layer.Name), DbfNames.Middle(layer.Name), DbfNames.Outer(layer.Name), DbfNames.Rows(layer.Name)];

    /// <summary>The target bits of config.json where they give the width that is there, else bits that do.</summary>
    public override LayerScheme Scheme(Checkpoint checkpoint, LinearLayer layer)
    {
        var inner = Require(checkpoint, layer, DbfNames.Middle(layer.Name)).ElementCount;
        return settings?.For(layer).Bits is { } given && new DbfScheme(given) is var scheme && scheme.InnerFeatures(layer) == inner
            ? scheme
            : new DbfScheme((inner + 0.5) * ((long)layer.InFeatures + layer.OutFeatures) / layer.WeightCount);
    }

    public override QuantizedWeight Read(Checkpoint checkpoint, LinearLayer layer)
    {
        using var scope = NewDisposeScope();
        var middle = ReadScales(checkpoint, layer, DbfNames.Middle(layer.Name), null);
        var inner = middle.shape[0];
        return new DbfWeight(
            layer,
            ReadSigns(checkpoint, layer, DbfNames.Outer(layer.Name), layer.OutFeatures, inner).DetachFromDisposeScope(),
            ReadSigns(checkpoint, layer, DbfNames.Inner(layer.Name), inner, layer.InFeatures).DetachFromDisposeScope(),
            new DbfScales(
                ReadScales(checkpoint, layer, DbfNames.Rows(layer.Name), layer.OutFeatures),
                middle,
                ReadScales(checkpoint, layer, DbfNames.Columns(layer.Name), layer.InFeatures)).DetachFromDisposeScope());
    }

    private static Tensor ReadScales(Checkpoint checkpoint, LinearLayer layer, string name, long? expected)
    {
        var entry = Require(checkpoint, layer, name);
        if (entry.Shape.Count != 1 || entry.Shape[0] != (expected ?? Math.Max(1, entry.Shape[0])))
        {
            throw Fault(layer, $"{name} has shape [{string.Join(", ", entry.Shape)}] where [{(expected is { } length ? $"{length}" : "1 or more")}] is expected");
        }

        if (entry.DType is not (DType.F16 or DType.BF16 or DType.F32))
        {
            throw Fault(layer, $"{name} has type {DTypes.NameOf(entry.DType)} where F16 is expected");
        }

        var scales = tensor(checkpoint.ReadSingle(entry));
        return scales.isfinite().all().item<bool>() ? scales : throw Fault(layer, $"{name} holds NaN or infinite values");
    }

    private static Tensor ReadSigns(Checkpoint checkpoint, LinearLayer layer, string name, long rows, long columns)
    {
        var entry = Require(checkpoint, layer, name);
        var bytes = SignPacking.ByteCount(rows * columns);
        return entry.DType == DType.U8 && entry.ElementCount == bytes
            ? SignPacking.Unpack(tensor(checkpoint.ReadBytes(entry)), rows, columns)
            : throw Fault(layer, $"{name} is {DTypes.NameOf(entry.DType)} [{string.Join(", ", entry.Shape)}] where U8 [{bytes}] is expected for {rows} x {columns} signs");
    }

    private static TensorEntry Require(Checkpoint checkpoint, LinearLayer layer, string name) =>
        checkpoint.Tensors.TryGetValue(name, out var entry)
            ? entry
            : throw Fault(layer, $"the checkpoint has {DbfNames.Inner(layer.Name)} but no {name}");

    private static QuantizedFormatException Fault(LinearLayer layer, string what) =>
        new(QuantizedFormatError.LayerInvalid, layer.Name, $"Layer {layer.Name}: {what}.");
}
