using System.Globalization;
using OneComp.Quantization.Grids;

namespace OneComp.Formats;

/// <summary>Reads what a quantized folder holds, ours or another's.</summary>
public static class ModelImport
{
    /// <summary>A row for each quantized layer, in model order. Reads scales and zero points, no codes.</summary>
    /// <exception cref="Errors.OneCompException">The folder is no quantized model that can be read; the message names what is not understood.</exception>
    public static IReadOnlyList<QuantizedLayerInfo> Layers(string folder, CancellationToken token = default)
    {
        using var model = QuantizedModel.Open(folder);
        return Layers(model, token);
    }

    /// <summary>The folder in one row.</summary>
    /// <exception cref="Errors.OneCompException">As for <see cref="Layers(string, CancellationToken)"/>.</exception>
    public static QuantizedModelInfo Read(string folder, CancellationToken token = default)
    {
        using var model = QuantizedModel.Open(folder);
        var rows = Layers(model, token);
        return new QuantizedModelInfo
        {
            Model = model.Model.Config.Folder,
            Architecture = model.Model.Config.Architecture,
            Method = model.Settings.Method!,
            Layers = rows.Count,
            PlainLayers = model.Model.Topology.Layers.Count - rows.Count,
            Bits = string.Join(", ", rows.CountBy(row => row.Bits).OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key:0.##}: {pair.Value}"))),
            GroupSize = string.Join(", ", rows.Select(row => row.GroupSize).Distinct().Order()),
            StoredBits = rows.Count == 0 ? 0 : rows.Sum(row => row.StoredBits * row.Parameters) / rows.Sum(row => row.Parameters),
            Parameters = model.Model.Topology.TotalParameters,
            Bytes = model.Model.Checkpoint.Files.Sum(file => new FileInfo(file).Length),
        };
    }

    private static List<QuantizedLayerInfo> Layers(QuantizedModel model, CancellationToken token)
    {
        var rows = new List<QuantizedLayerInfo>();
        foreach (var layer in model.Layers)
        {
            token.ThrowIfCancellationRequested();
            var grid = model.GridOf(layer);
            var scheme = grid?.Scheme ?? model.SchemeOf(layer);
            var tensors = model.ReaderOf(layer).TensorNames(layer).Where(model.Model.Checkpoint.Contains).Select(model.Model.Checkpoint.Require);
            rows.Add(new QuantizedLayerInfo
            {
                Model = model.Model.Config.Folder,
                Layer = layer.Name,
                Block = layer.Block,
                Module = layer.Module,
                Method = model.ReaderOf(layer).Method,
                Bits = scheme.Bits,
                GroupSize = scheme.GroupSize,
                Symmetric = (scheme as GroupScheme)?.Symmetric,
                ActOrder = grid is null ? null : !grid.IsInOrder,
                InFeatures = layer.InFeatures,
                OutFeatures = layer.OutFeatures,
                StoredBits = 8.0 * tensors.Sum(tensor => tensor.ByteCount) / layer.WeightCount,
            });
        }

        return rows;
    }
}
